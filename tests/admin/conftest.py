"""People in the admin, and something for them to look at."""

from collections.abc import Callable

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.archive.store import Batch, Origin
from apps.ops import health
from tests import dicoms
from tests.conftest import client_of
from tests.rights import give

StaffWho = Callable[..., Client]


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from an earlier page, and the parts of the server needn't be asked: other tests do."""
    ContentType.objects.clear_cache()
    monkeypatch.setattr(health.Checkup, "answers", lambda _: [health.Answer("database")])


def _staff(user: User, *, superuser: bool = False) -> Client:
    user.is_staff, user.is_superuser = True, superuser
    user.save()
    return client_of(user)


@pytest.fixture
def boss(user: User) -> Client:
    """A superuser."""
    return _staff(user, superuser=True)


@pytest.fixture
def staff(user: User) -> Client:
    """Staff of the first practice."""
    return _staff(user)


@pytest.fixture
def staff_who(practice: Practice) -> StaffWho:
    """Staff of the first practice who may do these things and nothing else."""

    def make(*permissions: Permission) -> Client:
        user = User.objects.create_user("stan", practice=practice)
        give(user, practice, *permissions)
        return _staff(user)

    return make


@pytest.fixture
def other_staff(stranger: User) -> Client:
    """Staff of the other practice."""
    return _staff(stranger)


def store(practice: Practice, *objects: bytes) -> None:
    with Batch(Origin("test", practice.pk, "tests")) as batch:
        for data in objects:
            batch.receive([data])
        batch.commit()


@pytest.fixture
def study(practice: Practice) -> Study:
    """A CT study of two slices, of Jane Doe."""
    store(practice, *dicoms.ct_series(2))
    return Study.objects.get()


def store_studies(practice: Practice, first: int, count: int) -> None:
    """So many studies of one slice each, with series and patients of their own."""
    for number in range(first, first + count):
        store(
            practice,
            dicoms.ct_slice(
                StudyInstanceUID=dicoms.uid(20, number),
                SeriesInstanceUID=dicoms.uid(20, number, 1),
                SOPInstanceUID=dicoms.uid(20, number, 1, 1),
                PatientID=f"N{number}",
            ),
        )
