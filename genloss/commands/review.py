"""`genloss review`: looks at the groups of a plan in a browser, and decides."""

import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genloss.given_rules import read_given_rules
from genloss.model.errors import ExtraMissingError
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.outputs import check_outputs
from genloss.model.quiet import quiet_codecs
from genloss.options import CATALOG, MaxPixels, RulesFile
from genloss.progress import watch_stages
from genloss.remarks import command_line, say

if TYPE_CHECKING:
    from genloss.archive.rules import Rules

EXAMPLES = """genloss review
genloss review plan.jsonl
genloss review plan.jsonl --catalog pictures.catalog --no-open"""


def review(
    plan_file: Annotated[
        Path,
        typer.Argument(metavar="PLAN", help="File that `genloss scan --plan` wrote. If missing, it is made from the catalog."),
    ] = Path("plan.jsonl"),
    catalog: Annotated[
        Path, typer.Option("--catalog", metavar="FILE", help="Catalog of that scan. It keeps your decisions.")
    ] = CATALOG,
    rules: RulesFile = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    max_pixels: MaxPixels = MAX_PIXELS,
) -> int:
    """Decide on the groups of a plan in the browser.

    Keep this, keep both, not the same picture: a key for each. The page is served on this computer only. Every decision
    is saved in the catalog at once, and later scans obey it. At the end, the plan is written with your decisions; the
    plan before is kept as PLAN.before. The review changes no picture; `genloss apply` does. Needs the extra `serve`.
    """
    from genloss.archive.catalog import Catalog
    from genloss.archive.plan_file import read_plan
    from genloss.archive.review import Review, check_catalog, save_plan

    try:
        from genloss.serve.review.server import serve_review
    except ImportError as error:
        raise ExtraMissingError("the review page", "serve", error) from error
    check_catalog(catalog)
    known_rules = read_given_rules(rules)
    if not plan_file.exists():
        check_outputs([plan_file], [catalog, rules])
        _make_plan(plan_file, catalog, known_rules, max_pixels)
    plan = read_plan(plan_file)
    done: dict[str, Any] = {}

    def tell(address: str) -> None:
        say(f"look at {address} (on this computer only); Ctrl-C ends it, and nothing is lost")
        if open_page:
            webbrowser.open(address)

    with Catalog(catalog) as opened:
        reviewed = Review(plan, opened, known_rules)

        def finish() -> dict[str, Any]:
            if not done:
                target, before = save_plan(reviewed, plan_file)
                step = command_line("genloss", "apply", target, "--dry-run")
                done.update(plan=str(target), before=None if before is None else str(before), next=step)
            return done

        with suppress(KeyboardInterrupt):  # which uvicorn passes on when it has stopped
            serve_review(reviewed, opened, port, max_pixels, tell, finish)
        finish()
    for line in _ending(done):
        say(line)
    return 0


def _make_plan(plan_file: Path, catalog: Path, rules: "Rules", max_pixels: int) -> None:
    """Writes the plan of what a catalog knows."""
    from genloss.archive.catalog import Catalog
    from genloss.archive.grouping import ScanOptions
    from genloss.archive.plan_file import write_plan
    from genloss.archive.scan import scan_known
    from genloss.tables import counted

    with quiet_codecs(), Catalog(catalog) as opened:
        result = scan_known(opened, ScanOptions(rules=rules, max_pixels=max_pixels), watch_stages)
    write_plan(result.plan, plan_file)
    say(f"made {plan_file} from {catalog}: {counted(len(result.plan.groups), 'group')}")


def _ending(done: dict[str, Any]) -> list[str]:
    kept = f" (the one before: {done['before']})" if done["before"] else ""
    return [f"the plan with your decisions: {done['plan']}{kept}", f"next: {done['next']}"]
