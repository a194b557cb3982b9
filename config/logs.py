"""How the server logs: lines to standard error, as text or as JSON, without patient data (apps/core/logs.py)."""

from typing import Any


def configuration(*, as_json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING. `level` is the least of what is written, such as INFO."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "apps.core.logs.Json" if as_json else "apps.core.logs.Text"}},
        "filters": {"no_task_results": {"()": "apps.core.logs.NoTaskResults"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # These write paths and values of requests; `fovea.request` says the same without them.
            "django.request": {"handlers": ["nowhere"], "propagate": False},
            "django.security": {"handlers": ["nowhere"], "propagate": False},
            "django.security.DisallowedHost": {"handlers": ["console"], "propagate": False},
            "django.server": {"handlers": ["nowhere"], "propagate": False},
            # These may write data sets and the addresses of presigned requests. pydicom sets a level of its own, later.
            "pydicom": {"handlers": ["nowhere"], "propagate": False},
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "ERROR"},
            # It tells of each task three times; the jobs have lines of their own.
            "django-q": {"filters": ["no_task_results"], "level": "DEBUG" if level == "DEBUG" else "WARNING"},
        },
    }
