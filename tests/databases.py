"""Which database the suite runs on: SQLite, or a PostgreSQL of its own with FOVEA_TEST_DATABASE=postgresql."""

import atexit
import os
from contextlib import ExitStack
from typing import Final

import pytest

IS_POSTGRESQL: Final = os.environ.get("FOVEA_TEST_DATABASE") == "postgresql"
# How the processes of a run with several learn of the one server.
URL_VARIABLE: Final = "FOVEA_TEST_DATABASE_URL"
TOUCHES_DATABASE: Final = frozenset({"db", "transactional_db", "django_db_reset_sequences", "live_server"})

# The tests' SQLite lies in memory, where writers don't wait for each other as they do in a file.
writers_wait: Final = pytest.mark.skipif(not IS_POSTGRESQL, reason="of PostgreSQL: SQLite in memory has no waiting")


def url() -> str:
    """FOVEA_DATABASE_URL for this run. The first process starts the server, which ends with it."""
    if not IS_POSTGRESQL:
        return ""
    if URL_VARIABLE not in os.environ:
        from tests import servers

        stack = ExitStack()
        os.environ[URL_VARIABLE] = stack.enter_context(servers.postgresql())
        atexit.register(stack.close)
    return os.environ[URL_VARIABLE]


def leave_out_unchanged(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what no database can change, and the browser, which has seen it all on SQLite."""
    if not IS_POSTGRESQL:
        return
    chosen = [item for item in items if _touches_database(item) and not _is_said_once(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _is_said_once(item: pytest.Item) -> bool:
    """Whether a test takes long over what SQLite has shown already."""
    return any(item.get_closest_marker(name) for name in ("browser", "one_database"))


def _touches_database(item: pytest.Item) -> bool:
    fixtures = TOUCHES_DATABASE.intersection(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None
