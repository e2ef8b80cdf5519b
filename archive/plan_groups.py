"""Turns groups of contents into groups of files, with an action for each file that can go without loss."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from genloss.archive.catalog import CatalogFile
from genloss.archive.contents import Content
from genloss.archive.decided import Decided
from genloss.archive.groups import Ranked, Relations, relation_of
from genloss.archive.plan import Action, ActionKind, Group, Member, Relation
from genloss.archive.put_away import ANOTHER_NAME, CONTESTED, PROTECTED, Verdict, describe, judge_version
from genloss.archive.rules import Rules, Treatment
from genloss.archive.verify import RELATIONS, Kind, PairRelation

_REASONS = {Relation.PART_OF: ("a part of the first one",), Relation.CONTAINS: ("holds the first one as a part",)}
_DISPUTED_REASON = "another version of the kept one shows something else"
_TONED_REASON = "has other tones than the kept one, and no third version tells which came first"
NEARLY_PROVED = 0.9999  # odds above which quality alone tells a toned file; filters by other software had up to 0.998
_CONTESTED_REASON = "quality speaks for another one than what the pictures show"


@dataclass(frozen=True)
class Limits:
    """Conditions for an action.

    Attributes:
        rules: of the collection.
        sure: least odds of an action, in [0.5, 1].
        decided: decisions of a person about files.
    """

    rules: Rules
    sure: float
    decided: Decided = field(default_factory=Decided)


def file_groups(contents: Sequence[Content], stars: Sequence[Ranked], relations: Relations, limits: Limits) -> list[Group]:
    """Groups of two files or more, largest first.

    Args:
        contents: of the collection.
        stars: groups of versions, by positions of contents.
        relations: between pairs of contents.
        limits: conditions for actions.
    """
    heads = {star.order[0]: star for star in stars}
    grouped = {member for star in stars for member in star.order}
    heads |= {position: Ranked([position], {}) for position in range(len(contents)) if position not in grouped}
    related = _attach(contents, heads, relations, limits.decided)
    attached = {other for found in related.values() for other, _ in found}
    notes = limits.decided.notes(contents)
    found_groups = []
    for head, star in heads.items():
        if head in attached:
            continue
        members = _versions(contents, star, relations, limits)
        for other, relation in related[head]:
            members += _related(contents[other], relation, members[-1].place + 1)
        if len(members) > 1:
            found_groups.append([replace(one, reasons=(*one.reasons, *notes.get(one.path, ()))) for one in members])
    found_groups.sort(key=lambda members: (-len(members), members[0].path))
    return [Group(number, tuple(members)) for number, members in enumerate(found_groups, 1)]


def _attach(
    contents: Sequence[Content], heads: Mapping[int, Ranked], relations: Relations, decided: Decided
) -> dict[int, list[tuple[int, PairRelation]]]:
    """For each head, the related contents that are no versions.

    Each content is attached to one head at most. A content with versions or related contents of its own is attached to none.
    """
    together = {head: list(star.order) for head, star in heads.items()}
    grouped = {member for star in heads.values() if len(star.order) > 1 for member in star.order}
    related: dict[int, list[tuple[int, PairRelation]]] = {head: [] for head in heads}
    attached: set[int] = set()
    apart = decided.positions_apart(contents)
    for (first, second), relation in sorted(relations.items()):
        if relation.kind is Kind.VERSION or relation.kind not in RELATIONS:
            continue
        for head, other, found in ((first, second, relation), (second, first, relation.swapped)):
            free = other not in grouped and other not in attached and not related[other]
            if not free or head not in heads or head in attached:
                continue
            if any((min(other, member), max(other, member)) in apart for member in together[head]):
                continue
            if head in grouped or _leads(contents, head, other, found):
                related[head].append((other, found))
                together[head].append(other)
                attached.add(other)
                break
    return related


def _leads(contents: Sequence[Content], head: int, other: int, relation: PairRelation) -> bool:
    """Whether `head` leads `other`, where both have no versions: a whole leads its part, a larger alternate the smaller."""
    if relation.kind is not Kind.ALTERNATE:
        return relation.kind is Kind.CONTAINS
    areas = [contents[one].look.width_px * contents[one].look.height_px for one in (head, other)]
    return areas[0] >= areas[1]


def _versions(contents: Sequence[Content], star: Ranked, relations: Relations, limits: Limits) -> list[Member]:
    kept = contents[star.order[0]]
    members = _copies(kept, limits)
    undecided = [position for position in star.order[1:] if not _is_dropped(contents[position], kept, limits)]
    contested = any(odds is not None and odds < CONTESTED for odds in (star.odds[position] for position in undecided))
    all_toned = _are_all_toned(star, relations)
    for position in star.order[1:]:
        content, odds = contents[position], star.odds[position]
        relation = relation_of(relations, star.order[0], position)
        assert relation is not None
        place = members[-1].place + 1
        for file in content.files:
            verdict = judge_version(file, content.look, kept.look, relation, odds, limits.rules, limits.sure)
            doubts = list(_doubts(content, kept, star, position, all_toned))
            doubts += [_CONTESTED_REASON] if contested else []
            if doubts and verdict.treatment is not Treatment.KEEP:
                verdict = Verdict(Treatment.REVIEW, (*verdict.reasons, *doubts))
            verdict, odds_of_file = _as_decided(file, kept, relation, verdict, odds, limits)
            goes = verdict.treatment is Treatment.PUT_AWAY
            members.append(
                Member(
                    file.path, file.sha256 or "", file.size_bytes, place, verdict.treatment is Treatment.KEEP, Relation.VERSION,
                    odds_of_file, verdict.reasons, relation.placement, _quarantine(kept) if goes else None,
                )
            )  # fmt: skip
    return members


def _are_all_toned(star: Ranked, relations: Relations) -> bool:
    """Whether no version has the tones of the kept file."""
    found = (relation_of(relations, star.order[0], other) for other in star.order[1:])
    return all(relation is not None and relation.toned for relation in found)


def _doubts(content: Content, kept: Content, star: Ranked, position: int, all_toned: bool) -> Iterator[str]:
    """Yields what the other members say against putting a member away.

    Args:
        content: of the member.
        kept: the content that stays.
        star: the group.
        position: of the member.
        all_toned: from _are_all_toned.
    """
    if position in star.disputed:
        yield _DISPUTED_REASON
    lost_colours = content.look.is_grey and kept.look.has_colours
    if all_toned and not lost_colours and (star.odds[position] or 0.0) < NEARLY_PROVED:
        yield _TONED_REASON


def _as_decided(
    file: CatalogFile, kept: Content, relation: PairRelation, verdict: Verdict, odds: float | None, limits: Limits
) -> tuple[Verdict, float | None]:
    """Verdict and odds after the decisions of a person, which override the verdict; a protected folder overrides both."""
    sha256, decided = file.sha256 or "", limits.decided
    stays, dropped = decided.kept(sha256), decided.dropped(sha256, kept)
    if stays is not None:
        return Verdict(Treatment.KEEP, (*verdict.reasons, stays.sentence)), odds
    if dropped is None or limits.rules.is_protected(file.path):
        return verdict, odds
    return Verdict(Treatment.PUT_AWAY, (*describe(relation), dropped.in_favour_of(kept.files[0].path))), 1.0


def _is_dropped(content: Content, kept: Content, limits: Limits) -> bool:
    return any(limits.decided.dropped(file.sha256 or "", kept) is not None for file in content.files)


def _copies(kept: Content, limits: Limits) -> list[Member]:
    """Members for the kept file and for the files with equal pixels."""
    first = kept.files[0]
    decided = limits.decided.kept(kept.sha256)
    members = [Member(first.path, kept.sha256, first.size_bytes, 1, True, reasons=(decided.sentence,) if decided else ())]
    for file in kept.files[1:]:
        same = file.sha256 == first.sha256
        is_name = (file.device, file.inode) == (first.device, first.inode)
        protected = limits.rules.is_protected(file.path)
        reasons = [ANOTHER_NAME] if is_name else []
        reasons += [PROTECTED] if protected else []
        stays = None if same else limits.decided.kept(file.sha256 or "")
        reasons += [stays.sentence] if stays else []
        members.append(
            Member(
                file.path, file.sha256 or "", file.size_bytes, 1, bool(reasons),
                Relation.SAME_BYTES if same else Relation.SAME_PIXELS, 1.0, tuple(reasons),
                action=None if reasons else _quarantine(kept),
            )
        )  # fmt: skip
    return members


def _related(content: Content, relation: PairRelation, place: int) -> list[Member]:
    """Members for a related content that is no version. They all stay."""
    kind = RELATIONS[relation.swapped.kind]
    reasons = (*_REASONS.get(kind, ()), *describe(relation))
    return [
        Member(file.path, file.sha256 or "", file.size_bytes, place, True, kind, None, reasons, relation.placement)
        for file in content.files
    ]


def _quarantine(kept: Content) -> Action:
    return Action(ActionKind.QUARANTINE, kept.files[0].path, kept.sha256)
