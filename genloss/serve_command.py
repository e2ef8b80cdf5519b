"""What `genloss serve` does: check settings and run the service."""

from pathlib import Path

from model.errors import ExtraMissingError

try:
    from serve.server import run
    from serve.settings import read_settings
except ImportError as error:
    raise ExtraMissingError(f"serving needs more packages ({error}); install them with pip install 'genloss[serve]'") from error


def run_service(host: str | None, port: int | None, workers: int | None, bundle: Path | None) -> None:
    """Serves until stopped; what is None comes from GENLOSS_* variables.

    Raises:
        GenerationLossError: a setting or the bundle is wrong.
    """
    run(read_settings(host=host, port=port, workers=workers, bundle=bundle))
