"""`genloss serve`: the service and its page."""

from typing import Annotated

import typer

from genloss.model.errors import ExtraMissingError
from genloss.options import BundleOption

EXAMPLES = """genloss serve
genloss serve --host 0.0.0.0 --port 80 --workers 8"""


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port; 0 takes a free one. [default: 8000]")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Number of worker processes. [default: one per core]")
    ] = None,
    bundle: BundleOption = None,
) -> int:
    """Serve scores and rankings over HTTP.

    There is also a page to drop pictures on. Needs the extra `serve`. Further settings are GENLOSS_* environment
    variables; docs/using/service.md lists them. On Ctrl-C or SIGTERM it answers the running requests and stops.
    """
    try:
        from genloss.serve.server import run
        from genloss.serve.settings import read_settings
    except ImportError as error:
        raise ExtraMissingError("the service", "serve", error) from error
    run(read_settings(host=host, port=port, workers=workers, bundle=bundle))
    return 0
