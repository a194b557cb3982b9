"""The record in the admin: found by user, study and patient, read in whole, taken away as a file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.audit import access, exporting
from apps.audit.models import Event
from apps.audit.record import Action, tell
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.rights import give

pytestmark = pytest.mark.django_db
LIST, EXPORT = "admin:audit_event_changelist", "admin:audit_event_export"


def staff(practice: Practice, name: str, *permissions: Permission) -> Client:
    user = User.objects.create_user(name, practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return client_of(user)


@pytest.fixture
def auditor(practice: Practice) -> Client:
    return staff(practice, "audrey", Permission.AUDIT)


def found(client: Client, **query: str) -> list[Event]:
    response = client.get(reverse(LIST), query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_who_looked_at_this_persons_images(auditor: Client, client: Client, practice: Practice) -> None:
    keep(practice, dicoms.ct_slice(PatientID="4711"))
    client.get(f"/dicom-web/studies/{dicoms.uid(1)}/metadata")
    access.flush()
    for query in ({"q": "4711"}, {"patient": "4711"}, {"q": dicoms.uid(1)}, {"study": dicoms.uid(1)}):
        assert {event.action for event in found(auditor, **query)} == {"import", "access"}
    assert [event.action for event in found(auditor, user="nora", patient="4711")] == ["access"]
    assert found(auditor, patient="4712") == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"action": "delete"}, 1),
        ({"outcome__exact": "4"}, 1),
        ({"at_from": "2020-01-01", "at_to": "2020-01-02"}, 0),
        ({"user": "sam"}, 2),
        ({"q": "nobody"}, 0),
    ],
)
def test_the_list_is_filtered(auditor: Client, practice: Practice, query: dict[str, str], count: int) -> None:
    tell(Action.DELETE, actor="sam", practice_id=practice.pk)
    tell(Action.EDIT, actor="sam", practice_id=practice.pk, outcome=Event.Outcome.MINOR_FAILURE)
    assert len(found(auditor, **query)) == count


@pytest.mark.parametrize("page", [LIST, EXPORT])
def test_the_record_is_for_auditors(page: str, auditor: Client, practice: Practice, anonymous: Client) -> None:
    assert auditor.get(reverse(page)).status_code == 200
    for client in (staff(practice, "vera", Permission.VIEW, Permission.ADMINISTER), anonymous):
        assert client.get(reverse(page)).status_code in {302, 403}


def test_an_event_of_another_practice_is_not_there(auditor: Client, other_practice: Practice) -> None:
    tell(Action.DELETE, actor="sam", practice_id=other_practice.pk)
    tell(Action.START, actor="server")
    for event in Event.objects.exclude(action=Action.SIGN_IN):
        assert auditor.get(reverse("admin:audit_event_change", args=[event.pk])).status_code == 404
    assert {event.action for event in found(auditor)} == {"sign-in"}


def test_the_page_of_an_event_says_it_all(auditor: Client, practice: Practice) -> None:
    facts = {"detail": "<b>4 hours</b>", "reason": "trauma", "study_instance_uid": "1.2.3", "patient": "ab" * 16}
    tell(Action.EMERGENCY_START, actor="nora", practice_id=practice.pk, **facts)
    event = Event.objects.get(action=Action.EMERGENCY_START)
    page = auditor.get(reverse("admin:audit_event_change", args=[event.pk])).content.decode()
    for text in ("Emergency access started", "nora", "trauma", "1.2.3", "ab" * 16, event.hash, "110127"):
        assert text in page
    assert "<b>4 hours</b>" not in page


def test_looking_is_on_record(auditor: Client) -> None:
    found(auditor, patient="4711", q="secret")
    access.flush()
    event = Event.objects.get(action=Action.LOG_USED)
    assert (event.actor, event.source, event.detail) == ("audrey", "admin", "patient q")


def export(client: Client, **changes: str) -> Any:
    return client.post(
        reverse(EXPORT), {"first": "2020-01-01", "last": "2099-12-31", "format": "csv", "practice": ""} | changes
    )


def test_a_period_is_exported_and_that_is_on_record(
    auditor: Client, practice: Practice, other_practice: Practice
) -> None:
    tell(Action.EDIT, actor="=cmd()", practice_id=practice.pk)
    tell(Action.EDIT, actor="sam", practice_id=other_practice.pk)
    response = export(auditor)
    assert response["Content-Disposition"].startswith('attachment; filename="audit-2020-01-01')
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [(row["action"], row["actor"]) for row in rows][1:] == [("edit", "'=cmd()"), ("log-used", "audrey")]
    assert {row["practice"] for row in rows} == {str(practice.pk)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"last": "2019-01-01"}, "comes after"), ({"first": "x"}, "valid date"), ({"practice": "999"}, "valid choice")],
)
def test_what_can_not_be_exported_is_said(auditor: Client, changes: dict[str, str], said: str) -> None:
    assert said in export(auditor, **changes).content.decode()


def test_too_many_events_for_a_file(auditor: Client, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST", 1)
    tell(Action.EDIT, actor="sam", practice_id=practice.pk)
    assert "Choose a shorter period" in export(auditor).content.decode()


def test_another_practice_can_not_be_chosen(auditor: Client, other_practice: Practice) -> None:
    tell(Action.EDIT, actor="sam", practice_id=other_practice.pk)
    assert "valid choice" in export(auditor, practice=str(other_practice.pk)).content.decode()
