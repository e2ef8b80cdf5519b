"""The application: create_app(settings) puts the service together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import Depends, FastAPI

from genloss.serve import operations
from genloss.serve.http import pages, problems
from genloss.serve.http.admission import Admission, Load
from genloss.serve.http.metrics import Metrics, Observation
from genloss.serve.http.tokens import ScoringToken
from genloss.serve.jobs import endpoints as training
from genloss.serve.jobs.supervision import run_jobs
from genloss.serve.models import endpoints as models
from genloss.serve.scoring import alignment_endpoint as alignments
from genloss.serve.scoring import endpoints as scoring
from genloss.serve.scoring import version_endpoints as versions
from genloss.serve.scoring.kept import KeptVersions, forget_regularly
from genloss.serve.scoring.kept_findings import KeptFindings
from genloss.serve.scoring.serving import Serving
from genloss.serve.settings import Settings, SettingsError, read_settings

DESCRIPTION = """Which version of a picture is closest to the original? **Lower is closer.** Scores compare versions of
the same picture only. Errors are problem documents (RFC 9457) with a stable `code`. No address is ever fetched."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Creates the application, not yet started.

    Args:
        settings: None to read GENLOSS_* variables, as `uvicorn --factory` needs.

    Raises:
        BundleError: the model cannot be loaded; raised when the application starts.
        SystemExit: `settings` is None and a GENLOSS_* variable is wrong; the message is one line.
    """
    if settings is None:
        try:
            settings = read_settings()
        except SettingsError as error:
            raise SystemExit(f"genloss: {error.code}: {error}") from error
    app = FastAPI(
        title="genloss",
        version=_version(),
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,  # Swagger's page loads scripts from another host
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.load = Load()
    app.state.kept = KeptVersions(settings.kept_versions, settings.kept_bytes, settings.kept_seconds)
    app.state.findings = KeptFindings(settings.kept_seconds)
    problems.install(app)
    app.state.metrics = Metrics(app.state.load, app.state.kept, lambda: app.state.serving.current)
    app.add_middleware(
        Admission, settings=settings, load=app.state.load, streamed={training.ORIGINALS_PATH: settings.max_originals_bytes}
    )
    app.add_middleware(Observation, metrics=app.state.metrics)  # the layer added last is the outermost
    # The documented interface lives under /v1; /score and /rank also work without that prefix.
    scoring_token = [] if settings.scoring_token is None else [Depends(ScoringToken(settings.scoring_token))]
    app.include_router(scoring.router, prefix="/v1", dependencies=scoring_token)
    app.include_router(scoring.router, include_in_schema=False, dependencies=scoring_token)
    app.include_router(versions.router, prefix="/v1", dependencies=scoring_token)
    app.include_router(alignments.router, prefix="/v1", dependencies=scoring_token)
    app.include_router(training.router, prefix="/v1")
    app.include_router(models.router, prefix="/v1")
    app.include_router(operations.router)
    app.include_router(pages.router)
    return app


def _version() -> str:
    try:
        return version("genloss")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = app.state.settings
    app.state.choice = models.read_choice(settings)
    app.state.activating = asyncio.Lock()
    app.state.serving = Serving(settings, app.state.choice.folder if app.state.choice else settings.bundle)
    forgetting = asyncio.create_task(forget_regularly(settings.kept_seconds, app.state.kept, app.state.findings))
    async with run_jobs(settings) as app.state.jobs:
        yield
    forgetting.cancel()
    await app.state.serving.close()
