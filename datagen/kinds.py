"""The kinds of edit and their weights; needs nothing but Python, so that `make_pairs.py --help` always works."""

from genloss.datagen.recipe import STEP_PARAMETERS

# Weights of the kinds of edit, after what the web does to pictures: plain re-saves most often, then
# the things sites and people do. They need not add up to one.
KIND_WEIGHTS = {
    "jpeg": 0.23,
    "generation": 0.15,
    "platform": 0.12,
    "down": 0.10,
    "up": 0.10,
    "crop": 0.07,
    "palette": 0.07,
    "launder": 0.06,
    "screenshot": 0.06,
    "webp": 0.05,
    "filter": 0.025,
    "tone": 0.035,
    "lettering": 0.02,
    "grain": 0.015,
    "avif": 0.015,
    "denoise": 0.035,
    "deblock": 0.025,
    "scan": 0.02,
    "damage": 0.02,
    "enhance": 0.02,
}
# Kinds whose own name is a format's, too: by these names an edit of the kind is left out, and the format stays.
KINDS_ALONE = {f"{kind}_alone": kind for kind in ("avif", "jpeg", "webp")}
# What --without understands: the shape of a chain, a kind, a step, or a format that is saved.
NAMES = tuple(
    sorted(
        {
            *KIND_WEIGHTS,
            *KINDS_ALONE,
            "edits",
            "ladder",
            *STEP_PARAMETERS,
            *(name.removeprefix("save_") for name in STEP_PARAMETERS),
        }
    )
)
FAMILY_NAMES = tuple(name for name in NAMES if name != "edits")  # a shape of chains; every family has edits
