"""How the server logs."""

from typing import Any


def configuration(*, as_json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: one line an event to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["console"], "level": level},
    }
