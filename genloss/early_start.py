"""What `genloss score` begins before it loads its modules, so that it need not wait for it later."""

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genloss.model.scoring.bundle_opening import BundleOpening

# Starting workers takes as long as scoring about thirty small files in this process.
FEW_FILES = 8


def start_early(names: list[str], bundle: Path | None = None) -> "BundleOpening | None":
    """Prepares this process for scores. To be called before numpy is loaded.

    Args:
        names: as typed.
        bundle: folder of a bundle, None for the one shipped with genloss.

    Returns:
        The bundle, which a thread opens meanwhile, if the names are few files and nothing else; else None.
    """
    # Loaded modules are no garbage. With Python's threshold of 700 new objects, looking for it takes 5 % of the whole command.
    gc.set_threshold(50_000)
    # The products of a score are too small to be shared out, but each thread of numpy's linear algebra waits for work in a
    # busy loop at first: that took a third of the processor time. Worker processes inherit the variable.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not 0 < len(names) <= FEW_FILES or not all(map(os.path.isfile, names)):
        return None
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.bundle_opening import BundleOpening

    return BundleOpening(bundle or BUNDLED)
