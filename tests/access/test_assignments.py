"""Doctors assigned to patients, by hand: what a grant of the scope "patients" reaches."""

import pytest
from django.test import Client

from apps.access import assignments
from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Assignment, Study
from apps.audit.models import Event
from tests.access.conftest import ask, metadata_status, new_study, seen
from tests.conftest import client_of


def assign(client: Client, study: Study, username: str = "dora", **more: str) -> int:
    return ask(client, "assignments", studyInstanceUid=study.study_instance_uid, username=username, **more).status_code


def end(client: Client, **body: str) -> int:
    return ask(client, f"assignments/{Assignment.objects.get(until=None).pk}/end", **body).status_code


def test_without_an_assignment_nothing_is_seen(doctor_client: Client, study: Study) -> None:
    assert seen(doctor_client) == set()
    assert metadata_status(doctor_client, study) == 404


def test_an_assignment_opens_the_patient_and_nobody_else(
    client: Client, doctor_client: Client, study: Study, other_study: Study, practice: Practice
) -> None:
    assert assign(client, study) == 201
    later = new_study(practice, 3, PatientID="P1")
    assert seen(doctor_client) == {"1", "3"}
    assert [metadata_status(doctor_client, each) for each in (study, later, other_study)] == [200, 200, 404]


def test_counts_tell_of_assigned_patients_alone(
    client: Client, doctor_client: Client, study: Study, other_study: Study
) -> None:
    assign(client, study)
    assert doctor_client.get("/api/studies").json()["count"] == 1
    assert doctor_client.get("/dicom-web/studies", {"PatientID": "P2"}).json() == []
    of_other = f"/dicom-web/studies/{other_study.study_instance_uid}"
    assert doctor_client.get(f"{of_other}/series").json() == []
    assert doctor_client.get(f"{of_other}/thumbnail").status_code == 404


def test_an_ended_assignment_closes_at_once_and_stays_as_history(
    client: Client, doctor_client: Client, study: Study
) -> None:
    assign(client, study, reason="Treats the knee")
    assert metadata_status(doctor_client, study) == 200
    assert end(client, note="Moved away") == 200
    assert metadata_status(doctor_client, study) == 404
    (row,) = client.get("/api/assignments", {"current": "false"}).json()["results"]
    assert (row["assignedBy"], row["reason"], row["endedBy"], row["endReason"]) == (
        "nora", "Treats the knee", "nora", "Moved away",
    )  # fmt: skip
    assert row["until"] is not None


def test_an_ended_assignment_can_be_made_again(client: Client, doctor_client: Client, study: Study) -> None:
    assign(client, study)
    end(client)
    assert assign(client, study) == 201
    assert metadata_status(doctor_client, study) == 200
    assert Assignment.objects.count() == 2


def test_assigning_twice_is_one_assignment_on_record_once(client: Client, doctor: User, study: Study) -> None:
    assert (assign(client, study, reason="first"), assign(client, study, reason="second")) == (201, 201)
    assert Assignment.objects.get().reason == "first"
    assert Event.objects.filter(action=Event.Action.RIGHTS).count() == 1


def test_both_ends_are_on_record_without_a_name(client: Client, doctor: User, study: Study) -> None:
    assign(client, study, reason="Treats the knee")
    end(client, note="Moved away")
    ended, made = Event.objects.filter(action=Event.Action.RIGHTS)
    assert (made.actor, made.detail, made.reason) == ("nora", "dora assigned (by hand)", "Treats the knee")
    assert (ended.detail, ended.reason) == ("dora assignment ended", "Moved away")
    assert made.patient == ended.patient != ""
    assert "Patient" not in made.detail + ended.detail


def test_an_assignment_that_has_ended_ends_once(client: Client, doctor: User, study: Study) -> None:
    assign(client, study)
    pk = Assignment.objects.get().pk
    assert [ask(client, f"assignments/{pk}/end").status_code for _ in range(2)] == [200, 409]


def test_who_does_not_work_in_the_practice_is_not_assigned(client: Client, stranger: User, study: Study) -> None:
    assert assign(client, study, "sam") == 404
    assert assign(client, study, "nobody") == 404
    assert not Assignment.objects.exists()


def test_only_administrators_assign(
    doctor_client: Client, clerk_client: Client, stranger_client: Client, anonymous: Client, study: Study
) -> None:
    answers = [assign(each, study) for each in (doctor_client, clerk_client, stranger_client, anonymous)]
    assert answers == [403, 403, 404, 401]


def test_only_administrators_end(
    client: Client, doctor_client: Client, stranger_client: Client, anonymous: Client, study: Study
) -> None:
    assign(client, study)
    assert [end(each) for each in (doctor_client, stranger_client, anonymous)] == [403, 404, 401]


def test_a_doctor_sees_their_own_assignments(
    client: Client, doctor_client: Client, clerk_client: Client, stranger_client: Client, study: Study
) -> None:
    assign(client, study)
    counts = [each.get("/api/assignments").json()["count"] for each in (client, doctor_client)]
    assert counts == [1, 1]
    assert [each.get("/api/assignments").json()["count"] for each in (clerk_client, stranger_client)] == [0, 0]


def test_an_appointment_may_assign(practice: Practice, doctor: User, doctor_client: Client, study: Study) -> None:
    worker = Principal.worker(practice.pk, "appointments", frozenset({Permission.ADMINISTER}))
    row = assignments.assign(worker, study.patient, doctor, origin=Assignment.Origin.APPOINTMENT)
    assert (row.origin, row.assigned_by) == ("appointment", None)
    assert metadata_status(doctor_client, study) == 200


@pytest.mark.parametrize("permission", [Permission.DOWNLOAD, Permission.DELETE])
def test_an_assignment_gives_no_more_than_the_role(
    client: Client, doctor: User, study: Study, permission: Permission
) -> None:
    assign(client, study)
    address = f"/dicom-web/studies/{study.study_instance_uid}"
    doing = client_of(doctor)
    answer = doing.delete(address) if permission == Permission.DELETE else doing.get(address)
    assert answer.status_code == 403
