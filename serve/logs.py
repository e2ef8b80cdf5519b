"""Logging to standard error: JSON lines, or fewer plain lines on a terminal.

No line holds user data: no file name, no address, no query.
"""

from typing import Any


def logging_config(level: str, for_people: bool = False) -> dict[str, Any]:
    """Configuration for logging.config.dictConfig: one JSON object per line, for records of `level` and above.

    Args:
        level: "debug", "info", "warning" or "error".
        for_people: plain lines for a terminal. Unless the level is "debug", uvicorn's start-up lines and the lines of
            requests with a status below 500 are left out.
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
