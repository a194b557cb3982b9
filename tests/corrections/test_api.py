"""Corrections by the REST API, and who may make them."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Correction, Patient, Study
from apps.audit.models import Event
from tests.conftest import client_of
from tests.corrections.conftest import A_STUDY, B_STUDY, found, of_jane
from tests.dicomweb.archive import keep
from tests.rights import give

pytestmark = pytest.mark.django_db


def send(client: Client, method: str, address: str, **body: Any) -> Any:
    ask = getattr(client, method)
    return ask(f"/api/{address}/", body, content_type="application/json")


def user_with(practice: Practice, *permissions: Permission, **grant: Any) -> Client:
    user = User.objects.create_user(f"u{User.objects.count()}", practice=practice)
    give(user, practice, *permissions, **grant)
    return client_of(user)


def test_a_patient_is_found_and_shown_with_their_studies(client: Client, jane: Patient, john: Patient) -> None:
    (listed,) = client.get("/api/patients?patientName=doe").json()["results"]
    assert (listed["id"], listed["patientName"], listed["studyCount"]) == (jane.pk, "Doe^Jane", 1)
    shown = client.get(f"/api/patients/{jane.pk}/").json()
    assert [study["studyInstanceUid"] for study in shown["studies"]] == [A_STUDY]
    assert shown["patientBirthDate"] == "1970-01-02"


def test_a_patient_is_edited(client: Client, jane: Patient) -> None:
    name = "Yamada^Tarou=山田^太郎"
    sent = {"patientName": name, "patientBirthDate": "1971-03-04", "otherPatientIds": ["X1"], "reason": "mixed up"}
    answer = send(client, "patch", f"patients/{jane.pk}", **sent)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["patientName"], told["patientBirthDate"], told["otherPatientIds"]) == (name, "1971-03-04", ["X1"])
    (row,) = found(client)
    assert row["00100010"]["Value"] == [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]
    assert row["00100030"]["Value"] == ["19710304"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"patientName": "A\\B"}, "backslash"),
        ({"patientName": "x" * 65}, "64 characters"),
        ({"patientName": "a^b^c^d^e^f"}, "five parts"),
        ({"patientName": ""}, "empty"),
        ({"patientId": "x" * 65}, "64 characters"),
        ({"patientBirthDate": "1970-02-30"}, "no such day"),
        ({"patientBirthDate": "yesterday"}, "2024-02-29"),
        ({"patientSex": "W"}, "M, F, O"),
        ({"patientSize": "2"}, "There is no such field"),
        ({"patientName": "Smith", "reason": " "}, "blank"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(client: Client, jane: Patient, sent: Any, said: str) -> None:
    answer = send(client, "patch", f"patients/{jane.pk}", **({"reason": "typo"} | sent))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Correction.objects.exists()


def test_nothing_new_makes_no_correction(client: Client, jane: Patient) -> None:
    assert send(client, "patch", f"patients/{jane.pk}", patientName="Doe^Jane", reason="same").status_code == 200
    assert not Correction.objects.exists()


def test_merge_history_and_unmerge(client: Client, jane: Patient, john: Patient) -> None:
    answer = send(client, "post", f"patients/{jane.pk}/merge", into=john.pk, reason="the same person")
    assert answer.status_code == 200, answer.content
    assert [row["id"] for row in client.get("/api/patients").json()["results"]] == [john.pk]
    (listed,) = client.get(f"/api/studies/{A_STUDY}/corrections").json()["results"]
    assert (listed["kind"], listed["patient"], listed["into"]) == ("merge", jane.pk, john.pk)
    assert send(client, "post", f"patients/{jane.pk}/unmerge").status_code == 200
    assert send(client, "post", f"patients/{jane.pk}/unmerge").status_code == 409
    (listed,) = client.get(f"/api/patients/{jane.pk}/corrections").json()["results"]
    assert listed["undoneBy"] == "nora"


def test_a_study_is_moved_and_back(client: Client, jane: Patient, john: Patient, practice: Practice) -> None:
    keep(practice, of_jane(StudyInstanceUID=f"{A_STUDY}.7", SOPInstanceUID=f"{A_STUDY}.7.1"))
    before = sorted(map(repr, found(client)))
    made = send(client, "post", f"studies/{A_STUDY}/move", patient=john.pk, reason="wrong patient")
    assert made.status_code == 200, made.content
    assert {row["0020000D"]["Value"][0] for row in found(client, "?PatientID=P2")} == {A_STUDY, B_STUDY}
    assert send(client, "post", f"corrections/{made.json()['id']}/undo").status_code == 200
    assert sorted(map(repr, found(client))) == before


def test_a_study_is_moved_to_a_new_patient(client: Client, jane: Patient) -> None:
    new = {"patientName": "Poe^Ann", "patientId": "P7", "patientBirthDate": "", "patientSex": "F"}
    made = send(client, "post", f"studies/{A_STUDY}/move", newPatient=new, reason="wrong patient")
    assert made.status_code == 200, made.content
    (row,) = found(client)
    assert row["00100020"]["Value"] == ["P7"]
    assert "Value" not in row["00100030"]
    again = send(client, "post", f"studies/{A_STUDY}/move", newPatient=new, reason="wrong patient")
    assert again.status_code == 409


def test_a_study_is_edited(client: Client, jane: Patient) -> None:
    sent = {"studyDescription": "Thorax", "accessionNumber": "A9", "studyTime": "09:30", "reason": "order changed"}
    told = send(client, "patch", f"studies/{A_STUDY}", **sent).json()
    assert (told["studyDescription"], told["accessionNumber"], told["studyTime"]) == ("Thorax", "A9", "09:30:00")
    assert len(found(client, "?AccessionNumber=A9")) == 1


def test_labels(client: Client, jane: Patient, john: Patient) -> None:
    for uid in (A_STUDY, B_STUDY):
        assert client.put(f"/api/studies/{uid}/labels/to%20teach/").status_code == 204
    client.put(f"/api/studies/{A_STUDY}/labels/to teach")
    assert client.get("/api/labels").json()["results"] == [{"name": "to teach", "studies": 2}]
    assert client.delete(f"/api/studies/{B_STUDY}/labels/to teach").status_code == 204
    (listed,) = client.get("/api/studies?label=to teach").json()["results"]
    assert (listed["studyInstanceUid"], listed["labels"]) == (A_STUDY, ["to teach"])
    assert client.put(f"/api/studies/{A_STUDY}/labels/{'x' * 65}").status_code == 400


def test_a_grant_reaches_by_a_label(client: Client, jane: Patient, practice: Practice) -> None:
    reader = user_with(practice, Permission.VIEW, scope=Scope.LABEL, subject="teaching")
    assert found(reader) == []
    client.put(f"/api/studies/{A_STUDY}/labels/teaching")
    assert len(found(reader)) == 1


def test_every_correction_is_on_record_without_what_it_says(client: Client, jane: Patient, john: Patient) -> None:
    send(client, "patch", f"patients/{jane.pk}", patientName="Secret^Name", reason="Secret reason")
    send(client, "post", f"patients/{jane.pk}/merge", into=john.pk, reason="Secret reason")
    send(client, "post", f"patients/{jane.pk}/unmerge")
    client.put(f"/api/studies/{A_STUDY}/labels/Secret")
    events = Event.objects.filter(action__in=("edit", "merge", "unmerge", "label")).order_by("pk")
    assert [event.action for event in events] == ["edit", "merge", "unmerge", "label"]
    assert all(event.patient for event in events)
    assert "00100010" in events[0].detail
    assert not [event for event in events if "Secret" in f"{event.detail} {event.reason}"]


ADDRESSES = (
    ("patch", "patients/{a}", {"patientName": "X", "reason": "r"}, Permission.EDIT),
    ("post", "patients/{a}/merge", {"into": "{b}", "reason": "r"}, Permission.MERGE),
    ("post", "patients/{m}/unmerge", {}, Permission.MERGE),
    ("post", "studies/{study}/move", {"patient": "{b}", "reason": "r"}, Permission.MERGE),
    ("patch", "studies/{study}", {"studyId": "X", "reason": "r"}, Permission.EDIT),
    ("post", "corrections/{c}/undo", {}, Permission.MERGE),
    ("put", "studies/{study}/labels/x", {}, Permission.EDIT),
    ("delete", "studies/{study}/labels/x", {}, Permission.EDIT),
    ("get", "patients/{a}/corrections", {}, Permission.EDIT),
    ("get", "studies/{study}/corrections", {}, Permission.MERGE),
)


@pytest.fixture
def known(client: Client, practice: Practice, jane: Patient, john: Patient) -> dict[str, Any]:
    keep(practice, of_jane(StudyInstanceUID="1.2.9", SOPInstanceUID="1.2.9.1", PatientID="P3"))
    merged = Patient.objects.get(patient_id="P3")
    made = send(client, "post", f"patients/{merged.pk}/merge", into=john.pk, reason="r").json()
    return {"a": jane.pk, "b": john.pk, "m": merged.pk, "c": made["id"], "study": A_STUDY}


def ask(who: Client, known: dict[str, Any], method: str, address: str, sent: dict[str, Any]) -> int:
    body = {name: int(value.format(**known)) if "{" in str(value) else value for name, value in sent.items()}
    if method == "get":
        return int(who.get(f"/api/{address.format(**known)}").status_code)
    return int(send(who, method, address.format(**known), **body).status_code)


@pytest.mark.parametrize("case", ADDRESSES, ids=lambda case: f"{case[0]} {case[1]}")
def test_who_may(
    known: dict[str, Any], practice: Practice, stranger_client: Client, anonymous: Client, case: Any
) -> None:
    *asked, needed = case
    others = set(Permission) - {Permission.EDIT, Permission.MERGE}
    assert ask(anonymous, known, *asked) == 401
    assert ask(user_with(practice, *others), known, *asked) == 403
    assert ask(stranger_client, known, *asked) == 404
    assert ask(user_with(practice, Permission.VIEW, needed), known, *asked) in (200, 204)


def test_whoever_reaches_part_of_a_patient_does_not_correct_all(practice: Practice, jane: Patient) -> None:
    keep(practice, of_jane(StudyInstanceUID=f"{A_STUDY}.7", SOPInstanceUID=f"{A_STUDY}.7.1"))
    partly = user_with(practice, *Permission, scope=Scope.STUDY, subject=A_STUDY)
    assert send(partly, "patch", f"patients/{jane.pk}", patientName="X", reason="r").status_code == 403
    assert send(partly, "patch", f"studies/{A_STUDY}", studyId="X", reason="r").status_code == 200
    assert partly.get(f"/api/patients/{jane.pk}").json()["studyCount"] == 1


def test_a_patient_with_a_study_that_is_deleted_goes_only_when_nothing_is_left(client: Client, jane: Patient) -> None:
    client.delete(f"/dicom-web/studies/{A_STUDY}")
    assert not Study.objects.exists()
    assert not Patient.objects.exists()
