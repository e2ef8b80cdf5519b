"""Log lines as JSON on standard error; never a file name, an address or anything else of a user's."""

from typing import Any


def logging_config(level: str) -> dict[str, Any]:
    """For logging.config.dictConfig: everything from `level` upwards, one JSON object a line.

    Args:
        level: "debug", "info", "warning" or "error".
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": ["asctime", "levelname", "name", "message"],
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
    }
