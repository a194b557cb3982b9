"""What the archive's tests share: a way in, and the principal of a practice's user."""

from collections.abc import Callable

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.store import Batch, Origin, Outcome

Store = Callable[..., list[Outcome]]


@pytest.fixture
def origin(practice: Practice) -> Origin:
    return Origin("test", practice.pk, "nora")


@pytest.fixture
def store(origin: Origin) -> Store:
    """Stores objects, given as bytes, in one batch."""

    def store(*objects: bytes, origin: Origin = origin) -> list[Outcome]:
        with Batch(origin) as batch:
            for data in objects:
                batch.receive([data])
            return batch.commit()

    return store


@pytest.fixture
def nora(user: User) -> Principal:
    return Principal.of(user)


@pytest.fixture
def sam(stranger: User) -> Principal:
    """Of another practice."""
    return Principal.of(stranger)
