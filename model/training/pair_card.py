"""The section on the pair models in a bundle's model card."""

from typing import Any

from genloss.model.training.card_sections import with_section

HEADING = "## Side by side"


def pair_card(card: str, pairs: dict[str, Any]) -> str:
    """Adds the section on the pair models to a model card, or replaces it.

    Args:
        card: Markdown of the model card.
        pairs: the section `pairs` of bundle.json.
    """
    judge, both = (pairs["evaluation"][name]["test"] for name in ("judge", "side_by_side"))
    proofs = pairs["evaluation"]["proofs"]["test"]
    rows = "\n".join(
        f"| {title} | {100 * judge[key]:.2f} % | {100 * both[key]:.2f} % | {of} |"
        for title, key, of in (
            ("pairs whose order is known", "pair_accuracy", f"{both['n_pairs']} pairs"),
            ("parent against child", "neighbour_accuracy", ""),
            ("original ranked first", "original_first", f"{both['n_groups']} groups"),
            ("right when stated at 99 % or more", "right_when_sure", f"{100 * both['share_sure']:.0f} % of the pairs"),
        )
    )
    text = f"""
Gradient-boosted trees (LightGBM, run by ONNX Runtime) over what two versions laid on each other show, added to the judge's
log odds at weight {pairs["calibration"]["judge_weight"]:g}. A second set of trees says who is whose parent, a third one
says so again in view of all versions of the group, and a fourth one compares possible parents of a version.

- **Trained on**: {pairs["corpus"]}; {pairs["n_pairs"]["train"]} pairs of {pairs["groups"]["train"]} groups
- **Command**: `{pairs["command"]}`

Held-out test split (sources never seen in training), {pairs["groups"]["test"]} groups:

| measure | judge alone | side by side | of |
|---|---|---|---|
{rows}
| calibration error | {judge["calibration_error"]:.4f} | {both["calibration_error"]:.4f} | |

Family trees: {100 * both["whole_edges"]:.1f} % of {both["whole_n_edges"]} edges, {100 * both["whole_roots"]:.1f} % of roots;
with one in five versions missing {100 * both["missing_edges"]:.1f} % of edges, {100 * both["missing_roots"]:.1f} % of roots.
Proofs: {proofs["proved"]} of {proofs["n_pairs"]} pairs, {proofs["wrong"]} wrong.
"""
    return with_section(card, HEADING, text + ("" if "further" not in pairs else _further(pairs["further"])))


def _further(further: dict[str, Any]) -> str:
    before, after = (further["evaluation"][name]["test"] for name in ("before", "after"))
    rows = "\n".join(
        f"| {title} | {form(before[key])} | {form(after[key])} |"
        for title, key, form in (
            (f"{after['n_pairs']} pairs whose order is known", "pair_accuracy", _percent),
            ("right when stated at 99 % or more", "right_when_sure", _percent),
            ("stated at 99 % or more", "share_sure", _percent),
            ("calibration error", "calibration_error", "{:.4f}".format),
            ("log loss", "log_loss", "{:.4f}".format),
        )
    )
    return f"""
Then {further["n_trees"]} trees were added to the first set, fitted on what bundle {further["from"]} got wrong. The figures
above are those of that bundle.

- **Trained on**: {further["corpus"]}; {further["n_pairs"]["train"]} pairs of {further["groups"]["train"]} groups
- **Command**: `{further["command"]}`

Held-out test split of these groups, {further["groups"]["test"]} groups:

| measure | before | after |
|---|---|---|
{rows}
"""


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
