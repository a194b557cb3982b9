"""What rights cost in queries: looking a user up is two, and after that nothing, however narrow the grants."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from apps.accounts import authentication
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission, Scope
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.rights import give

FRAME = f"/dicom-web/studies/{dicoms.STUDY_UID}/series/{dicoms.SERIES_UID}/instances/{dicoms.uid(1, 1, 1)}/frames/1"
SEARCH = "/dicom-web/studies"


def by_practice(user: User, practice: Practice) -> None:
    give(user, practice, Permission.VIEW)


def by_many_grants(user: User, practice: Practice) -> None:
    for number in range(10):
        give(user, practice, Permission.VIEW, scope=Scope.STUDY, subject=dicoms.uid(90, number))
    give(user, practice, Permission.VIEW, scope=Scope.STUDY, subject=dicoms.STUDY_UID)
    give(user, practice, Permission.VIEW, scope=Scope.LABEL, subject="trial")
    give(user, practice, Permission.VIEW, scope=Scope.PATIENTS)


def as_superuser(user: User, practice: Practice) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    user.refresh_from_db()


def queries(client: Client, path: str) -> int:
    """How many a request takes that succeeds."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
        assert answer.status_code == 200
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    return len(asked)


@pytest.mark.parametrize("path", [FRAME, SEARCH], ids=["frame", "search"])
@pytest.mark.parametrize("give_rights", [by_practice, by_many_grants, as_superuser])
def test_a_remembered_user_costs_nothing_and_another_two_queries(
    practice: Practice, settings: Settings, give_rights: Callable[[User, Practice], None], path: str
) -> None:
    settings.AUDIT_FLUSH_SECONDS = 3600
    keep(practice, dicoms.ct_slice())
    user = User.objects.create_user("dora", practice=practice)
    give_rights(user, practice)
    program = Client(headers={"Authorization": f"Bearer {Token.issue(user, 'x')[1]}"})
    queries(program, path)
    assert queries(program, path) == 1
    authentication.forget_all()
    # The token with its user, and the grants.
    assert queries(program, path) == 3
