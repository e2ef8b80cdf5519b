"""Sections of a model card that different trainings write."""


def with_section(card: str, heading: str, text: str) -> str:
    """Replaces the section with this heading, or appends one; the other sections do not change.

    Args:
        card: Markdown.
        heading: a line that begins with "## ".
        text: text of the section, without its heading.
    """
    before, _, rest = card.partition(f"{heading}\n")
    _, mark, after = rest.partition("\n## ")
    return f"{before.rstrip()}\n\n{heading}\n\n{text.strip()}\n{mark}{after}"
