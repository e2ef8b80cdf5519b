"""Draws the pictures of a group when somebody first opens it, and those of the next group in advance."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from genloss.archive.plan import Group
from genloss.archive.report_drawing import Drawings
from genloss.archive.report_pictures import draw_member
from genloss.model.errors import ImageError


class GroupPictures:
    """Draws the pictures of each group once.

    Args:
        drawings: in a folder of this review.
        submit: of a task_runner with processes, so that a decoder crash loses only that file's picture.
    """

    def __init__(self, drawings: Drawings, submit: Callable[..., "Future[Any]"]) -> None:
        self.drawings = drawings
        self._submit = submit
        self._begun: dict[int, asyncio.Task[None]] = {}

    def begin(self, group: Group) -> "asyncio.Task[None]":
        """Draws a group's pictures in the background; a file that cannot be drawn gets no picture."""
        if group.number not in self._begun:
            self._begun[group.number] = asyncio.create_task(self._draw(group))
        return self._begun[group.number]

    async def _draw(self, group: Group) -> None:
        waiting = [asyncio.wrap_future(self._submit(draw_member, *task)) for task in self.drawings.tasks([group])]
        for found in await asyncio.gather(*waiting, return_exceptions=True):
            if isinstance(found, ImageError | OSError):  # no such picture; or no room for a drawing
                continue
            if isinstance(found, BaseException):
                raise found
            self.drawings.take(found)
