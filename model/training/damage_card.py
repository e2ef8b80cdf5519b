"""The section on the memory on damage in a bundle's model card."""

from typing import Any

from genloss.model.training.card_sections import with_section

HEADING = "## Memory on damage"
_HEADER = "| last edit | versions | named right | among the first three | claims | of them right |\n|---|---|---|---|---|---|"


def damage_card(card: str, damage: dict[str, Any]) -> str:
    """Adds the section on the memory to a model card, or replaces it.

    Args:
        card: Markdown of the model card.
        damage: the section `damage` of bundle.json.
    """
    test = damage["evaluation"]["test"]
    text = f"""
A linear layer from the judge's evidence to {damage["training"]["n_dimensions"]} dimensions, and a random key for each kind of
edit: the nearest key names what was last done. New kinds are taught without training. Claims are made of kinds whose claims
were right at least 90 % of the times, on the validation split with a margin and on the test split.

- **Trained on**: {damage["corpus"]}; {damage["n_versions"]["train"]} versions
- **Command**: `{damage["command"]}`

Held-out test split, {test["n"]} versions: {_percent(test["top_1"])} named right, {_percent(test["top_3"])} among the first
three; {test["speaks"]} claims, {_percent(test["right"])} of them right.

{kind_table(test["kinds"])}

Silent because of the test split: {", ".join(damage["silenced"]) or "none"}.
"""
    return with_section(card, HEADING, text)


def kind_table(kinds: dict[str, Any]) -> str:
    """A Markdown table: kind, versions, top 1, top 3, claims, right."""
    rows = "\n".join(
        f"| {name} | {found['n']} | {_percent(found['top_1'])} | {_percent(found['top_3'])} | {found['speaks']} | "
        f"{_percent(found['right'])} |"
        for name, found in kinds.items()
    )
    return f"{_HEADER}\n{rows}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
