"""What every test may ask for: two practices, a user in each, and clients that are signed in."""

from collections.abc import Iterable, Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from hypothesis import settings as hypothesis_settings
from pytest_django.fixtures import Settings
from whitenoise.base import WhiteNoise

from apps.accounts import authentication
from apps.accounts.models import Practice, User
from apps.archive import quotas, shelving, storage
from apps.audit import access
from apps.practice.linking import receivers as matching
from apps.practice.xrays import receivers as xrays
from apps.routing import interest
from apps.webhooks import interest as webhooks
from tests import databases
from tests.rights import give
from tests.servers import postgresql_url, redis_url, s3_server, s3_url

__all__ = ["postgresql_url", "redis_url", "s3_server", "s3_url"]

# A busy machine is no defect of the code.
hypothesis_settings.register_profile("tests", deadline=None)
hypothesis_settings.load_profile("tests")

PASSWORD = "correct horse battery"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    databases.leave_out_unchanged(config, items)


@pytest.fixture(autouse=True, scope="session")
def static_files_seen_once() -> Iterator[None]:
    """Each client loads the middleware anew; WhiteNoise would look at every static file again, for 0.1 s of CPU."""
    look, seen = WhiteNoise.update_files_dictionary, dict[str, Any]()

    def look_once(files: WhiteNoise, root: str, prefix: str) -> None:
        if Path(root) != Path(django_settings.STATIC_ROOT):
            look(files, root, prefix)
            return
        if not seen:
            look(files, root, prefix)
            seen.update(files.files)
        files.files.update(seen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", look_once)
        yield


@pytest.fixture(autouse=True)
def fresh_site(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Each test has a data folder of its own, cheap password hashes, and nobody remembered."""
    settings.DATA = tmp_path / "data"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AUDIT_FLUSH_SECONDS = 0
    authentication.forget_all()
    shelving.forget_all()
    access._tallies.clear()
    # There are no rules until a test makes one: the store need not look for them now and then.
    interest._read = (inf, frozenset())
    # The same of webhooks.
    webhooks._read = (inf, {})
    # Nor is there a quota.
    quotas._read = (inf, {})
    yield
    # A process has only so many descriptors; and its folder's would be one more for each test.
    storage.close_staging()


class NothingFresh:
    """In the place of what a process has asked for lately: all of it was."""

    def fresh(self, keys: Iterable[int], seconds: float) -> list[int]:
        return []


class IdleForGood(dict[int, float]):
    """In the place of the practices that have no leads: all of them."""

    def get(self, key: int, *_: object) -> float:
        return inf


@pytest.fixture(autouse=True)
def unheard_arrivals(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the practice makes of arriving images is asked for by its own tests (tests/practice/conftest.py)."""
    monkeypatch.setattr(xrays, "_asked", NothingFresh())
    monkeypatch.setattr(matching, "_idle", IdleForGood())


@pytest.fixture(autouse=True)
def kept_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a request or a job doesn't close the connection while a test's own transaction is open on it."""
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close_outside_of_tests(connection: BaseDatabaseWrapper) -> None:
        if not connection.in_atomic_block:
            close(connection)

    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", close_outside_of_tests)


def user_of(practice: Practice, username: str) -> User:
    user = User.objects.create_user(username, password=PASSWORD, practice=practice)
    give(user, practice)
    return user


@pytest.fixture
def practice(db: None) -> Practice:
    return Practice.objects.create(name="North")


@pytest.fixture
def other_practice(db: None) -> Practice:
    return Practice.objects.create(name="South")


@pytest.fixture
def user(practice: Practice) -> User:
    return user_of(practice, "nora")


@pytest.fixture
def stranger(other_practice: Practice) -> User:
    """A user of another practice, who must see nothing of the first one's."""
    return user_of(other_practice, "sam")


def client_of(user: User) -> Client:
    """A client signed in by session, that calls as the site's own pages do."""
    client = Client(HTTP_SEC_FETCH_SITE="same-origin")
    client.force_login(user)
    return client


@pytest.fixture
def client(user: User) -> Client:
    return client_of(user)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    return client_of(stranger)


@pytest.fixture
def anonymous() -> Client:
    return Client()


@pytest.fixture
def no_heartbeat(settings: Settings) -> None:
    """Jobs that tests do themselves take a second or two, and a heartbeat doesn't see a test's own transaction."""
    settings.JOB_PULSE = 3600
