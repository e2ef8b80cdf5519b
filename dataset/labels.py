"""Folders as the classes of a labelled set."""

import os

from genloss.model.errors import DatasetUnlabelledError


def check_labelled(folders: list[str]) -> None:
    """Checks that there are at least two class folders.

    Raises:
        DatasetUnlabelledError: there are fewer than two folders.
    """
    if len(folders) < 2:
        where = "directly in the named folder" if folders == ["."] else f"in one folder ({', '.join(folders)})"
        raise DatasetUnlabelledError(f"all pictures lie {where}; there must be a folder for each class")


def folder_name(folder: str) -> str:
    """Name of a class: the last part of its folder."""
    return os.path.basename(folder) or folder
