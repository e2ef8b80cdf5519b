"""`genloss teach`: kinds of damage learned from a few pictures, listed, asked about and forgotten."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genloss.batch import NO_PICTURE, is_no_picture
from genloss.inputs import typed_inputs
from genloss.model.errors import BundleError, ImageError, NamesError
from genloss.model.files import lock_folder
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.outputs import check_output
from genloss.model.percent import percent, percent_of_all
from genloss.model.printable import printable
from genloss.model.quiet import quiet_codecs
from genloss.options import BundleOption, MaxPixels
from genloss.remarks import say
from genloss.taught_file import MemoryFile, default_memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genloss.model.damage.damage_memory import DamageAnswer, DamageMemory
    from genloss.model.scoring.scorer import Scorer

EXAMPLES = """genloss teach halftone scans/*.png
genloss teach --ask copy1.jpg copy2.png
genloss teach --list
genloss teach --forget halftone"""
_NAMED = 3


def teach(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of the new kind; with --ask, the first file.", show_default=False)
    ] = None,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILES", help="5 to 20 pictures with this damage.", show_default=False)
    ] = None,
    forget: Annotated[str | None, typer.Option("--forget", metavar="NAME", help="Forget a taught kind.")] = None,
    list_kinds: Annotated[bool, typer.Option("--list", help="Print the known kinds.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Print the three likeliest kinds for each file, sure or not.")] = False,
    memory: MemoryFile = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
) -> int:
    """Teach a kind of damage from 5 to 20 pictures.

    That needs no training. `genloss explain` then looks for this kind. The taught kinds are kept in a small file in
    your settings folder; --forget removes a kind. --ask prints the three likeliest kinds with their probabilities, even
    those too unsure for `genloss explain`, and says where the damage is unfamiliar.
    """
    from genloss.model.damage.taught import keep_taught
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.scorer import Scorer

    if sum((forget is not None, list_kinds, ask)) > 1 or ((forget is not None or list_kinds) and name is not None):
        raise typer.BadParameter("--forget, --list, --ask and NAME FILES are four commands; give one of them")
    path = memory or default_memory()
    with nullcontext(True) if list_kinds or ask else lock_folder(path.parent) as is_alone:
        if not is_alone:  # of two that learn at once, the later would drop what the earlier has learned
            raise NamesError(f"another command works in {path.parent}; try again when it is done")
        scorer = Scorer(bundle or BUNDLED, max_pixels, path)
        known = scorer.damage
        if known is None:
            raise BundleError(f"{scorer.bundle.folder} has no memory on damage; genloss train-damage adds one")
        if list_kinds:
            _print_kinds(known)
            return 0
        if ask:
            return _ask(scorer, known, [*([name] if name else []), *(files or [])])
        if memory is not None:
            check_output(path, files or [])
        if forget is not None:
            left = known.taught.forget(forget)
            keep_taught(path, left, known.version)
            print(f"forgotten; taught: {printable(', '.join(left.memory.names)) or 'nothing'}")
            return 0
        if name is None:
            raise typer.BadParameter("needs a NAME and files, or --list, --ask or --forget")
        learned = _learn(scorer, known, name, files)
        keep_taught(path, learned.taught, known.version)
        print(_said_of(learned, name))
        return 0


def _learn(scorer: "Scorer", known: "DamageMemory", name: str, files: list[str] | None) -> "DamageMemory":
    import numpy as np

    from genloss.model.damage.taught import LEAST_PICTURES

    rows: list[NDArray[np.float32]] = []
    with quiet_codecs():
        _each(scorer, files, lambda path, evidence: rows.append(evidence))
    if len(rows) < LEAST_PICTURES:
        raise NamesError(f"{name!r} needs at least {LEAST_PICTURES} pictures to be taught, not {len(rows)}")
    return known.teach(name, np.stack(rows))


def _each(scorer: "Scorer", files: list[str] | None, use: "Callable[[Path, NDArray[np.float32]], None]") -> None:
    """Every picture's evidence, in order.

    Raises:
        ImageError: a file cannot be read; nothing is learned then.
    """
    from genloss.model.images.reading import read_file

    for given in typed_inputs(files):
        if given.skipped is not None:
            continue
        try:
            if given.error is not None:
                raise given.error
            evidence = scorer.score(read_file(given.path, given.follow_link)).evidence
        except ImageError as error:
            if is_no_picture(given, error):
                say(f"{given.path}: {NO_PICTURE}")
                continue
            raise type(error)(f"{given.path}: {error}") from error
        use(given.path, evidence)


def _said_of(learned: "DamageMemory", name: str) -> str:
    entry = next(entry for entry in learned.taught.memory.entries if entry.name == name)
    recall = learned.taught.recall[name]
    sure = learned.taught.is_sure(name)
    then = "genloss explain names it" if sure else "too close to other kinds for genloss explain; genloss teach --ask names it"
    found = f"{percent_of_all(recall, 0)} of them found by the others"
    return f"{printable(name)}: learned from {entry.shots} pictures, {found}; {then}"


def _print_kinds(known: "DamageMemory") -> None:
    from genloss.model.damage.kinds import KINDS

    for name in known.keys.names:
        spoken = " (named by genloss explain)" if name in known.calibration.speaks_from else ""
        print(f"{name}: pictures {KINDS[name]}{spoken}")
    for entry in known.taught.memory.entries:
        spoken = " (named by genloss explain)" if known.taught.is_sure(entry.name) else ""
        print(f"{printable(entry.name)}: taught from {entry.shots} pictures{spoken}")


def _ask(scorer: "Scorer", known: "DamageMemory", files: list[str]) -> int:
    with quiet_codecs():
        _each(scorer, files, lambda path, evidence: print(f"{printable(str(path))}: {_answered(known.answer(evidence))}"))
    return 0


def _answered(answer: "DamageAnswer") -> str:
    words = ", ".join(f"{kind} {percent(odds)}" for kind, odds in answer.kinds[:_NAMED])
    taught = ""
    if answer.taught is not None and answer.taught.known:
        taught = f"{printable(answer.taught.name)} (taught, similarity {answer.taught.similarity:.2f}); else "
    return f"{taught}{words}{'' if answer.familiar else '; unfamiliar damage, resembles none of them'}"
