"""x"""

from pathlib import Path

import optuna


def write_report(study: optuna.Study, path: Path) -> None:
    pass
