"""A practice with two patients, those who work there, and what they ask of patient access."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts import authentication
from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from tests import dicoms
from tests.conftest import PASSWORD, client_of
from tests.rights import give


def new_study(practice: Practice, number: int, **attributes: Any) -> Study:
    """A study of one slice with UIDs of its own; of patient `P<number>`, born in 1980, unless told otherwise."""
    facts = {
        "StudyInstanceUID": dicoms.uid(30, number),
        "SeriesInstanceUID": dicoms.uid(30, number, 1),
        "SOPInstanceUID": dicoms.uid(30, number, 1, 1),
        "PatientID": f"P{number}",
        "PatientName": f"Patient^{number}",
        "PatientBirthDate": "19800102",
        "AccessionNumber": f"A{number}",
        "StudyID": str(number),
    }
    outcome = store_one([dicoms.ct_slice(**(facts | attributes))], Origin("test", practice.pk, "tests"))
    return Study.objects.get(practice=practice, study_instance_uid=outcome.study_instance_uid)


def new_user(practice: Practice, name: str, *permissions: Permission, **grant: Any) -> User:
    user = User.objects.create_user(name, password=PASSWORD, practice=practice)
    give(user, practice, *permissions, **grant)
    return user


def ask(client: Client, path: str, **body: Any) -> Any:
    """POST to the REST API."""
    return client.post(f"/api/{path}", body, content_type="application/json")


def seen(client: Client) -> set[str]:
    """The Study IDs that a search of all studies gives."""
    authentication.forget_all()
    answer = client.get("/dicom-web/studies", headers={"Accept": "application/dicom+json"})
    # Whoever has no right at all is told so.
    return set() if answer.status_code == 403 else {row["00200010"]["Value"][0] for row in answer.json()}


def metadata_status(client: Client, study: Study) -> int:
    return client.get(f"/dicom-web/studies/{study.study_instance_uid}/metadata").status_code


@pytest.fixture
def study(practice: Practice) -> Study:
    return new_study(practice, 1)


@pytest.fixture
def other_study(practice: Practice) -> Study:
    """Of another patient of the same practice."""
    return new_study(practice, 2)


@pytest.fixture
def doctor(practice: Practice) -> User:
    """May look at the studies of assigned patients."""
    return new_user(practice, "dora", Permission.VIEW, scope=Scope.PATIENTS)


@pytest.fixture
def doctor_client(doctor: User) -> Client:
    return client_of(doctor)


@pytest.fixture
def clerk(practice: Practice) -> User:
    """May share, and decides nothing."""
    return new_user(practice, "clara", Permission.VIEW, Permission.SHARE)


@pytest.fixture
def clerk_client(clerk: User) -> Client:
    return client_of(clerk)
