"""Django's DATABASES from one URL: embedded SQLite by default, PostgreSQL when the site outgrows it."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# FULL, because a commit is acknowledged to the sender: NORMAL may lose the last ones when the power fails.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;"
    " PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
)


def from_url(url: str, data: Path) -> dict[str, Any]:
    """Settings of one database. `url` is empty, `sqlite:///PATH` or `postgresql://user:password@host:port/name`."""
    if not url:
        return sqlite(data / "fovea.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)))
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ImproperlyConfigured("FOVEA_DATABASE_URL must start with sqlite:/// or postgresql://.")


def sqlite(path: Path) -> dict[str, Any]:
    """An embedded database: write-ahead log, and IMMEDIATE so that no transaction fails half-way for the lock."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }
