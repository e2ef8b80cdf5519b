"""Log lines on standard error: JSON, or a few plain ones where somebody watches; never anything of a user's.

No file name, no address, no query.
"""

from typing import Any


def logging_config(level: str, for_people: bool = False) -> dict[str, Any]:
    """For logging.config.dictConfig: everything from `level` upwards, one JSON object a line.

    Args:
        level: "debug", "info", "warning" or "error".
        for_people: plain lines, without uvicorn's about its start and without one for every request unless the level is
            "debug"; for a terminal.
    """
    quiet = {"level": "WARNING"} if for_people and level in ("info", "warning") else {}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": ["asctime", "levelname", "name", "message"],
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
            "plain": {"format": "%(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler", "formatter": "plain" if for_people else "json", "stream": "ext://sys.stderr",
            }
        },
        "loggers": {"uvicorn": quiet, "genloss.serve.requests": quiet} if quiet else {},
        "root": {"handlers": ["stderr"], "level": level.upper()},
    }  # fmt: skip
