"""README.md of a bundle: what it was trained on, how, and how often it is right on held-out sources."""

from typing import Any


def model_card(description: dict[str, Any]) -> str:
    """Markdown.

    Args:
        description: the content of bundle.json, as run.py collects it.
    """
    score, judge = (description["evaluation"][name]["test"] for name in ("score", "judge"))
    chains = description["chains"]
    counts = ", ".join(f"{chains[split]['chains']} for {split}" for split in ("train", "validation", "test"))
    minutes = sum(report["seconds"] for name in ("history", "judge_history") for report in description[name]) / 60
    rows = "\n".join(
        f"| {title} | {100 * score[key]:.1f} % | {100 * judge[key]:.1f} % | {of} |"
        for title, key, of in (
            ("all ordered pairs of a chain", "pair_accuracy", f"{score['n_pairs']} pairs"),
            ("original against edit", "original_accuracy", ""),
            ("neighbour against neighbour", "neighbour_accuracy", ""),
            ("original ranked first", "top_1", f"{score['n_chains']} chains"),
            ("original ranked first among 4 to 6", "top_1_of_4_or_more", ""),
        )
    )
    parent = f"- **Started from**: the tower of bundle {description['parent']}\n" if description["parent"] else ""
    return f"""# Model card

A score of this model compares versions of the same picture; between different pictures it means nothing.

- **Trained on**: {description["corpus"]}
- **Chains**: {counts}, split by source picture
  (sha256 of chains.jsonl: `{chains["sha256"]}`)
- **Command**: `{description["command"]}`
{parent}- **Seed**: {description["training"]["seed"]}; {minutes:.0f} minutes of training,
  Keras {description["versions"]["keras"]} on {description["versions"]["backend"]}

## Held-out test split (sources never seen in training or tuning)

| measure | by score | ranked side by side | of |
|---|---|---|---|
{rows}
| calibration error of stated odds | {score["calibration_error"]:.3f} | {judge["calibration_error"]:.3f} | |

Everything else (networks, training, calibration, history) stands in bundle.json.
"""
