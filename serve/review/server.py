"""Serves a review on the loopback interface until it is finished or stopped."""

import secrets
from collections.abc import Callable
from typing import Any

import uvicorn

from genloss.archive.catalog import Catalog
from genloss.archive.report import turned_degrees
from genloss.archive.report_drawing import Drawings
from genloss.archive.review import Review
from genloss.archive.scan_store import ScanStore
from genloss.archive.tasks import task_runner
from genloss.model.temporary_folders import temporary_folder
from genloss.serve.http.listening import listen, no_second_signal
from genloss.serve.http.protocol import DeadlineProtocol
from genloss.serve.review.app import Endpoints, create_review_app
from genloss.serve.review.pictures import GroupPictures

HOST = "127.0.0.1"


def serve_review(
    review: Review,
    catalog: Catalog,
    port: int,
    max_pixels: int,
    tell: Callable[[str], None],
    finish: Callable[[], dict[str, Any]],
) -> None:
    """Serves the page until the person finishes the review or presses Ctrl-C.

    Args:
        review: the review of a plan.
        catalog: where the review saves decisions.
        port: 0 for a free one.
        max_pixels: largest width times height to draw.
        tell: called with the page's address once the server listens there.
        finish: writes the plan; called when the person finishes the review.

    Raises:
        SettingsError: the server cannot listen on this port.
        CatalogError: the catalog is damaged.
    """
    store = ScanStore(catalog)
    with catalog.guarded():
        descents = store.descents()
    with (
        listen(HOST, port, 64) as listener,
        temporary_folder("review") as folder,
        task_runner(isolated=True) as submit,
    ):
        number = listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        servers: list[uvicorn.Server] = []

        def end() -> dict[str, Any]:
            done = finish()
            servers[0].should_exit = True
            return done

        pictures = GroupPictures(Drawings(folder, turned_degrees(store), max_pixels), submit)
        app = create_review_app(Endpoints(review, pictures, descents, end), token, number)
        config = uvicorn.Config(
            app, http=DeadlineProtocol, ws="none", lifespan="off", log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        servers.append(uvicorn.Server(config))
        tell(f"http://{HOST}:{number}/{token}/")
        with no_second_signal():
            servers[0].run([listener])
