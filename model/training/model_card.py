"""The model card of a bundle, its README.md: intended use, limits, licence, training data, and accuracy on held-out sources."""

from typing import Any

# What holds for every bundle, whatever it was trained on.
_INTENDED_USE = """## Intended use

- **For**: sorting copies of a picture, choosing which copy to keep, checking data sets, and research on image histories.
- **Input**: one file for a score, two or more versions of the same picture for a ranking; JPEG, PNG, GIF, WebP, AVIF, BMP or
  TIFF.
- **Output**: a generation loss in [0, 1], where lower is closer to the original, and the probability that a version is closer
  than another.
- **Not for**: comparing different pictures, whose scores mean nothing beside each other; judging beauty or sharpness;
  telling whether a picture is authentic, manipulated or generated; evidence in court.

## Limits

- An answer is an estimate from traces in the file, and some answers are wrong. Wrong proofs are much rarer, and counted below.
- "Closest to the original" is among the files given. The original itself may not be among them.
- Denoised copies, tone curves, captions and lossless shrinking leave few traces; the score alone is weak there.
- Somebody who knows the model can make a copy that scores better than its source. It was not trained against that.
- It knows the kinds of edits in its training data. Other kinds, and pictures unlike the training pictures, may be less certain
  than the stated probabilities say.

## Licence

The bundle that ships with genloss has the licence of genloss, Apache-2.0. Whoever trains a bundle chooses its licence. The
training pictures keep theirs, named below; a bundle contains none of them. Pictures for research use are among those of the
shipped bundle: whoever may not use such a model trains one on pictures of their own.
"""


def model_card(description: dict[str, Any]) -> str:
    """The model card as Markdown.

    Args:
        description: content of bundle.json, as run.py collects it.
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

This model says which version of one picture is closest to the original.

{_INTENDED_USE}
## Data and training

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

These rows are for the networks alone, on versions made by the program that made the training data. Accuracy on versions
by other software may be lower; docs/about/ in the repository of genloss has those figures.

Everything else (networks, training, calibration, history) stands in bundle.json.
"""
