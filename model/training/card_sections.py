"""Sections of a model card that are written apart from each other."""


def with_section(card: str, heading: str, text: str) -> str:
    """The card with a section, in the place of an earlier one of this heading, else at the end; all others stay.

    Args:
        card: Markdown.
        heading: a line that begins with "## ".
        text: of the section, without its heading.
    """
    before, _, rest = card.partition(f"{heading}\n")
    _, mark, after = rest.partition("\n## ")
    return f"{before.rstrip()}\n\n{heading}\n\n{text.strip()}\n{mark}{after}"
