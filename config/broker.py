"""Settings of django-q2, which carries the numbers of jobs to the workers (docs/jobs.md says why each is as it is)."""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Without them a Redis that fell silent would hold whoever asks for a job; longer than a worker's wait for one (1 s).
PATIENCE: Final = {"socket_connect_timeout": "3", "socket_timeout": "10"}


def cluster(url: str, workers: int) -> dict[str, Any]:
    """`url` is empty for the database as the broker, or `redis://…`, `rediss://…` or `unix://…`."""
    return {
        "name": "fovea",
        "label": "Queue",
        "workers": workers,
        "recycle": 50,
        "timeout": 600,
        # A number that is delivered again finds nothing to claim; this is when.
        "retry": 1500,
        # More at once would wait within the pool, where no other worker gets at them.
        "bulk": 1,
        "queue_limit": workers,
        # Attempts are counted on the job's row, and nowhere else.
        "ack_failures": True,
        "max_attempts": 1,
        "save_limit": 250,
        "catch_up": False,
        "poll": 0.5,
    } | ({"redis": _patient(url)} if url else {"orm": "default"})


def _patient(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("FOVEA_BROKER_URL must start with redis://, rediss:// or unix://.")
    return parts._replace(query=urlencode(PATIENCE | dict(parse_qsl(parts.query)))).geturl()
