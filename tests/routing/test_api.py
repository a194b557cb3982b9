"""/api/routing/ and /api/studies/<uid>/route."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit.models import Event
from apps.remotes.models import Remote
from apps.routing.models import Alarm, Destination, Outgoing, OutgoingState, Priority, Rule
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.rights import give
from tests.routing.keeping import deliver

RULES, OUTBOX, DESTINATIONS = "/api/routing/rules", "/api/routing/outbox", "/api/routing/destinations"
ROUTE = f"/api/studies/{dicoms.STUDY_UID}/route"
JSON = "application/json"


@pytest.fixture
def study(practice: Practice) -> Study:
    keep(practice, *dicoms.ct_series(2))
    return Study.objects.get()


@pytest.fixture
def row(study: Study, elsewhere: Remote) -> Outgoing:
    return deliver(study, elsewhere, None, OutgoingState.FAILED)


def only(practice: Practice, *permissions: Permission) -> Client:
    user = User.objects.create_user("lou", practice=practice)
    give(user, practice, *permissions)
    return client_of(user)


@pytest.fixture
def lacking(practice: Practice) -> Client:
    """Who may do everything but administer and send."""
    missing = {Permission.ADMINISTER, Permission.SEND}
    return only(practice, *(each for each in Permission if each not in missing))


def asked(practice: Practice, *remotes: Remote, **changes: Any) -> dict[str, Any]:
    return {"practice": practice.pk, "name": "CT", "destinations": [each.pk for each in remotes]} | changes


def test_a_rule_is_added_shown_and_listed(client: Client, practice: Practice, elsewhere: Remote) -> None:
    wanted = asked(practice, elsewhere, modalities="CT, MR", weekdays="12345", priority="high", when="at_once")
    answer = client.post(RULES, wanted, content_type=JSON)
    assert answer.status_code == 201
    made = answer.json()
    assert made["summary"] == (
        "What arrives goes to Elsewhere at once. Only the modality CT or MR. Only on Monday to Friday. "
        "It goes before all else."
    )
    assert (made["priority"], made["isActive"], made["destinations"]) == ("high", True, [elsewhere.pk])
    assert client.get(f"{RULES}/{made['id']}/").json() == made
    assert client.get(RULES).json()["results"] == [made]
    event = Event.objects.get(action=Event.Action.CONFIGURATION)
    assert event.source == "API"
    assert event.detail.startswith("routing rule CT added: What arrives goes to Elsewhere")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"destinations": []}, "at least one"),
        ({"destinations": [999_999]}, "destinations"),
        ({"weekdays": "18"}, "Days are digits"),
        ({"fromTime": "08:00"}, "both times"),
        ({"fromTime": "25:00", "toTime": "08:00"}, "fromTime"),
        ({"callingTitles": "ELSEWHERE"}, "does not go back there"),
        ({"priority": "urgent"}, "priority"),
        ({"when": "never"}, "when"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_wrong_is_said(
    client: Client, practice: Practice, elsewhere: Remote, changes: dict[str, Any], word: str
) -> None:
    answer = client.post(RULES, asked(practice, elsewhere, **changes), content_type=JSON)
    assert answer.status_code == 400
    assert word in answer.content.decode()
    assert not Rule.objects.exists()


def test_nothing_is_deleted_here_that_nobody_can_be_asked_to_keep(
    client: Client, practice: Practice, elsewhere: Remote
) -> None:
    Remote.objects.update(protocol="dicomweb", url="https://archive.example.org/dicom-web")
    answer = client.post(RULES, asked(practice, elsewhere, deletes=True), content_type=JSON)
    assert "reached by DICOMweb" in answer.json()["detail"]


def test_a_remote_of_another_practice_is_not_there(
    client: Client, practice: Practice, elsewhere: Remote, other_practice: Practice
) -> None:
    theirs = Remote.objects.create(practice=other_practice, name="Southern")
    answer = client.post(RULES, asked(practice, elsewhere, theirs), content_type=JSON)
    assert answer.status_code == 400
    assert b"Southern" not in answer.content


def test_a_rule_is_changed_and_removed(client: Client, practice: Practice, elsewhere: Remote) -> None:
    made = client.post(RULES, asked(practice, elsewhere), content_type=JSON).json()
    answer = client.patch(f"{RULES}/{made['id']}", {"isActive": False, "position": 7}, content_type=JSON)
    assert (answer.json()["isActive"], answer.json()["position"]) == (False, 7)
    assert answer.json()["destinations"] == [elsewhere.pk]
    assert client.delete(f"{RULES}/{made['id']}").status_code == 204
    assert not Rule.objects.exists()


def test_the_outbox_is_listed_by_study_remote_and_state(client: Client, row: Outgoing, elsewhere: Remote) -> None:
    (listed,) = client.get(OUTBOX).json()["results"]
    assert (listed["id"], listed["state"], listed["remoteName"]) == (row.pk, "failed", "Elsewhere")
    assert client.get(f"{OUTBOX}/{row.pk}").json() == listed
    matching = {"study": dicoms.STUDY_UID, "remote": elsewhere.pk, "state": "failed"}
    for name, value in matching.items():
        assert client.get(OUTBOX, {name: value}).json()["count"] == 1
    for name, value in {"study": "1.2.3", "remote": 0, "state": "sent"}.items():
        assert client.get(OUTBOX, {name: value}).json()["count"] == 0
    assert client.get(OUTBOX, {"stat": "sent"}).status_code == 400


def test_it_is_sent_again_first_and_cancelled(client: Client, row: Outgoing) -> None:
    address = f"{OUTBOX}/{row.pk}"
    assert client.post(f"{address}/resend/").json()["state"] == "waiting"
    assert client.post(f"{address}/resend").status_code == 409
    assert client.post(f"{address}/first").json()["priority"] == "high"
    assert client.post(f"{address}/cancel").json()["state"] == "cancelled"
    assert client.post(f"{address}/cancel").status_code == 409
    assert client.post(f"{address}/first").status_code == 409


def test_a_study_is_routed_by_hand(client: Client, study: Study, elsewhere: Remote) -> None:
    answer = client.post(ROUTE, {"remote": elsewhere.pk, "priority": "high"}, content_type=JSON)
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["total"]) == ("waiting", 2)
    assert Outgoing.objects.get().priority == Priority.HIGH
    assert client.post(ROUTE, {"remote": 999}, content_type=JSON).status_code == 404
    assert client.post(ROUTE, {}, content_type=JSON).status_code == 400


def test_who_may_send_routes_and_resends_without_administering(practice: Practice, row: Outgoing) -> None:
    sender = only(practice, Permission.SEND, Permission.VIEW)
    assert sender.post(f"{OUTBOX}/{row.pk}/resend").status_code == 200
    assert sender.post(ROUTE, {"remote": row.remote_id}, content_type=JSON).status_code == 201
    assert sender.get(OUTBOX).status_code == 403
    assert sender.post(f"{OUTBOX}/{row.pk}/cancel").status_code == 403


def test_destinations_tell_how_they_are(client: Client, row: Outgoing, elsewhere: Remote) -> None:
    assert client.get(DESTINATIONS).json()[0]["health"] == "unused"
    silent = Destination.objects.create(remote=elsewhere, last_taken_at=timezone.now())
    assert client.get(DESTINATIONS).json()[0]["health"] == "well"
    since = timezone.now() - timedelta(hours=1)
    silent.failing_since, silent.last_error = since, "It is away."
    silent.save()
    assert client.get(DESTINATIONS).json()[0]["health"] == "failing"
    silent.open_since = silent.probe_at = since
    silent.save()
    Alarm.objects.create(practice=elsewhere.practice, remote=elsewhere, kind="failed", studies=3)
    (told,) = client.get(DESTINATIONS).json()
    assert (told["remote"], told["health"], told["failed"], told["alarms"]) == (
        elsewhere.pk,
        "silent",
        1,
        ["3 studies could not be sent."],
    )
    assert told["lastError"] == "It is away."


def test_a_destination_is_tried_now(client: Client, row: Outgoing, elsewhere: Remote) -> None:
    later = timezone.now() + timedelta(hours=1)
    Destination.objects.create(remote=elsewhere, open_since=timezone.now(), probe_at=later)
    Outgoing.objects.update(state=OutgoingState.WAITING, not_before=later)
    answer = client.post(f"{DESTINATIONS}/{elsewhere.pk}/try")
    assert answer.json()["waiting"] == 1
    assert Destination.objects.get().probe_at < later
    assert Outgoing.objects.get().not_before < later


def test_others_find_nothing(
    practice: Practice, row: Outgoing, stranger_client: Client, lacking: Client, anonymous: Client
) -> None:
    rule = Rule.objects.create(practice=practice, name="CT")
    for client, hidden, closed in ((stranger_client, 404, 200), (lacking, 403, 403), (anonymous, 401, 401)):
        for address in (RULES, OUTBOX, DESTINATIONS):
            answer = client.get(address)
            assert answer.status_code == closed
            assert b"Elsewhere" not in answer.content
        for address in (f"{RULES}/{rule.pk}", f"{OUTBOX}/{row.pk}"):
            assert client.get(address).status_code == hidden
        posted = (f"{OUTBOX}/{row.pk}/{what}" for what in ("resend", "cancel", "first"))
        for address in (*posted, f"{DESTINATIONS}/{row.remote_id}/try", ROUTE):
            assert client.post(address, {"remote": row.remote_id}, content_type=JSON).status_code == hidden
        assert client.delete(f"{RULES}/{rule.pk}").status_code == hidden
    row.refresh_from_db()
    assert row.state == OutgoingState.FAILED
    assert Outgoing.objects.count() == 1


def test_nobody_adds_to_another_practice(client: Client, other_practice: Practice, elsewhere: Remote) -> None:
    assert client.post(RULES, asked(other_practice, elsewhere), content_type=JSON).status_code == 400
    assert not Rule.objects.exists()
