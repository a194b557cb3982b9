"""A grant for less than a practice, by every way in: what it reaches is found and opened, the rest not even counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import authentication
from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Assignment, Study, StudyLabel
from apps.archive.store import Origin, store_one
from tests import dicoms
from tests.conftest import client_of
from tests.rights import give

Reach = Callable[[User, Study], dict[str, str]]
JSON = {"Accept": "application/dicom+json"}


def assigned(user: User, study: Study) -> dict[str, str]:
    Assignment.objects.create(patient=study.patient, user=user)
    return {"scope": Scope.PATIENTS}


def uploaded(user: User, study: Study) -> dict[str, str]:
    Study.objects.filter(pk=study.pk).update(stored_by=user)
    return {"scope": Scope.UPLOADS}


def labelled(user: User, study: Study) -> dict[str, str]:
    StudyLabel.objects.create(study=study, name="trial")
    return {"scope": Scope.LABEL, "subject": "trial"}


def referred(user: User, study: Study) -> dict[str, str]:
    return {"scope": Scope.PHYSICIAN, "subject": "REACHED^DOCTOR"}


def named(user: User, study: Study) -> dict[str, str]:
    return {"scope": Scope.STUDY, "subject": study.study_instance_uid}


def of_patient(user: User, study: Study) -> dict[str, str]:
    return {"scope": Scope.PATIENT, "subject": study.patient.identity}


REACHES = (assigned, uploaded, labelled, referred, named, of_patient)


def keep(practice: Practice, number: int, name: str) -> Study:
    facts = {
        "StudyInstanceUID": dicoms.uid(40, number),
        "SeriesInstanceUID": dicoms.uid(40, number, 1),
        "SOPInstanceUID": dicoms.uid(40, number, 1, 1),
        "PatientID": f"P{number}",
        "PatientName": f"{name}^Patient",
        "ReferringPhysicianName": f"{name}^Doctor",
    }
    store_one([dicoms.ct_slice(**facts)], Origin("test", practice.pk, "tests"))
    return Study.objects.get(practice=practice, study_instance_uid=facts["StudyInstanceUID"])


@pytest.fixture
def reached(practice: Practice) -> Study:
    return keep(practice, 1, "Reached")


@pytest.fixture
def hidden(practice: Practice, other_practice: Practice) -> list[Study]:
    """Another patient's in the same practice, and one of the same UID, patient and physician in another practice."""
    twin = keep(other_practice, 1, "Reached")
    StudyLabel.objects.create(study=twin, name="trial")
    return [keep(practice, 2, "Hidden"), twin]


@pytest.fixture
def doctor(practice: Practice) -> User:
    return User.objects.create_user("dora", practice=practice, is_staff=True)


def grant(doctor: User, practice: Practice, reach: Reach, study: Study, **facts: Any) -> Client:
    give(doctor, practice, *Permission, **reach(doctor, study), **facts)
    return client_of(doctor)


def place(study: Study) -> str:
    return f"/dicom-web/studies/{study.study_instance_uid}"


def found(client: Client, level: str) -> int:
    answer = client.get(f"/dicom-web/{level}", headers=JSON)
    return 0 if answer.status_code == 204 else len(answer.json())


@pytest.mark.parametrize("reach", REACHES)
def test_dicomweb(doctor: User, practice: Practice, reached: Study, hidden: list[Study], reach: Reach) -> None:
    client = grant(doctor, practice, reach, reached)
    assert [found(client, level) for level in ("studies", "series", "instances")] == [1, 1, 1]
    assert client.get("/dicom-web/studies?limit=1", headers=JSON)["X-Total-Count"] == "1"
    assert found(client, f"studies?StudyInstanceUID={hidden[0].study_instance_uid}") == 0
    for what in ("/metadata", "", f"/series/{dicoms.uid(40, 1, 1)}/instances/{dicoms.uid(40, 1, 1, 1)}/frames/1"):
        assert client.get(f"{place(reached)}{what}").status_code == 200
    for what in ("/metadata", "", f"/series/{dicoms.uid(40, 2, 1)}/instances/{dicoms.uid(40, 2, 1, 1)}/frames/1"):
        assert client.get(f"{place(hidden[0])}{what}").status_code == 404
    assert client.delete(place(hidden[0])).status_code == 404


@pytest.mark.parametrize("reach", REACHES)
def test_rest(doctor: User, practice: Practice, reached: Study, hidden: list[Study], reach: Reach) -> None:
    client = grant(doctor, practice, reach, reached)
    listed = client.get("/api/studies").json()
    assert (listed["count"], [each["practice"] for each in listed["results"]]) == (1, [practice.pk])
    assert client.get("/api/studies?patientName=hidden").json()["count"] == 0
    assert client.get(f"/api/studies/{hidden[0].study_instance_uid}").status_code == 404
    assert client.get("/api/patients").json()["count"] == 1
    for path in ("users", "grants"):
        assert client.get(f"/api/{path}").json()["count"] == 0
    assert client.get("/api/audit/events").json()["results"] == []


@pytest.mark.parametrize("reach", REACHES)
def test_admin(doctor: User, practice: Practice, reached: Study, hidden: list[Study], reach: Reach) -> None:
    client = grant(doctor, practice, reach, reached)
    for model in ("study", "patient", "series"):
        listed = client.get(reverse(f"admin:archive_{model}_changelist"))
        assert len(listed.context["cl"].result_list) == 1
        assert "Hidden" not in listed.content.decode()
    assert client.get(reverse("admin:archive_study_change", args=[reached.pk])).status_code == 200
    for study in hidden:
        assert client.get(reverse("admin:archive_study_change", args=[study.pk])).status_code == 404
        assert client.get(reverse("admin:archive_patient_change", args=[study.patient_id])).status_code == 404


@pytest.mark.parametrize("reach", REACHES)
def test_figures(doctor: User, practice: Practice, reached: Study, hidden: list[Study], reach: Reach) -> None:
    client = grant(doctor, practice, reach, reached)
    first = client.get(reverse("admin:index")).context
    assert (first["totals"]["studies"], first["totals"]["instances"]) == (1, 1)
    assert first["days"][-1].studies == 1
    storage = client.get(reverse("admin:archive_storage")).context
    assert [(share.name, share.count) for share in storage["practices"]] == [("North", 1)]
    assert [share.count for share in storage["modalities"]] == [1]


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("hours", [(-2, -1), (1, 2)], ids=["over", "to come"])
def test_out_of_its_time_it_opens_nothing(
    doctor: User, practice: Practice, reached: Study, reach: Reach, hours: tuple[int, int]
) -> None:
    begins, ends = (timezone.now() + timedelta(hours=hour) for hour in hours)
    client = grant(doctor, practice, reach, reached, valid_from=begins, valid_until=ends)
    assert client.get("/dicom-web/studies").status_code == 403
    assert client.get(place(reached)).status_code == 403
    assert client.get("/api/studies").status_code == 403


@pytest.mark.parametrize("reach", REACHES)
def test_once_it_is_ended_it_opens_nothing(doctor: User, practice: Practice, reached: Study, reach: Reach) -> None:
    client = grant(doctor, practice, reach, reached)
    assert found(client, "studies") == 1
    Grant.objects.filter(user=doctor).update(valid_until=timezone.now())
    # What is remembered of the user may be five seconds old; the tables are asked anew.
    assert client.get(place(reached)).status_code == 404 or reach in {assigned, uploaded}
    authentication.forget_all()
    assert client.get(place(reached)).status_code == 403


def test_an_assignment_that_has_ended_opens_nothing(doctor: User, practice: Practice, reached: Study) -> None:
    client = grant(doctor, practice, assigned, reached)
    Assignment.objects.update(until=timezone.now())
    assert found(client, "studies") == 0
    assert client.get(f"{place(reached)}/metadata").status_code == 404


def test_what_one_may_see_and_not_take_away_is_refused(doctor: User, practice: Practice, reached: Study) -> None:
    give(doctor, practice, Permission.VIEW)
    give(doctor, practice, Permission.DOWNLOAD, scope=Scope.LABEL, subject="trial")
    client = client_of(doctor)
    assert client.get(place(reached)).status_code == 403
    labelled(doctor, reached)
    assert client.get(place(reached)).status_code == 200
