"""Rules, the outbox, destinations and promises in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.audit.models import Event
from apps.jobs.models import Job
from apps.remotes.models import Remote
from apps.routing.commitments import requests
from apps.routing.models import (
    Alarm,
    CommitmentRequest,
    DeliveryState,
    Destination,
    Outgoing,
    OutgoingState,
    Priority,
    RequestState,
    Rule,
)
from tests import dicoms
from tests.conftest import client_of
from tests.dicomweb.archive import keep
from tests.rights import give
from tests.routing.keeping import deliver

RULES, OUTBOX = "/admin/routing/rule/", "/admin/routing/outgoing/"
DESTINATIONS, PROMISES = "/admin/routing/destination/", "/admin/routing/commitmentrequest/"


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    storage = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": storage}


@pytest.fixture
def admin(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    return client_of(user)


@pytest.fixture
def study(practice: Practice) -> Study:
    keep(practice, *dicoms.ct_series(2, PatientName="Doe^Xanthippe"))
    return Study.objects.get()


@pytest.fixture
def row(study: Study, elsewhere: Remote) -> Outgoing:
    row = deliver(study, elsewhere, None, OutgoingState.FAILED)
    Outgoing.objects.filter(pk=row.pk).update(parked=1, last_error="1 of 2 instances were not taken.")
    parked = row.deliveries.get(sop_instance_uid=dicoms.uid(1, 1, 2))
    parked.state, parked.reason = DeliveryState.PARKED, "It has no room for CT."
    parked.save()
    return row


def form(practice: Practice, *remotes: Remote, **changes: Any) -> dict[str, Any]:
    facts = {"practice": practice.pk, "name": "CT", "is_active": "on", "position": 1, "when": "stable", "priority": 1}
    return {**facts, "destinations": [each.pk for each in remotes], **changes}


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_rule_is_added_and_reads_as_a_sentence(admin: Client, practice: Practice, elsewhere: Remote) -> None:
    page = shown(admin, f"{RULES}add/")
    assert "When something arrives" in page
    assert "Elsewhere (ELSEWHERE, 127.0.0.1:1)" in page
    wanted = form(practice, elsewhere, modalities="CT", weekdays=["1", "2", "3"], from_time="18:00", to_time="06:00")
    assert admin.post(f"{RULES}add/", wanted).status_code == 302
    rule = Rule.objects.get()
    assert (rule.weekdays, list(rule.destinations.all())) == ("123", [elsewhere])
    assert "Only the modality CT. Only on Monday to Wednesday. Only from 18:00 to 06:00." in shown(admin, RULES)
    assert Event.objects.filter(action=Event.Action.CONFIGURATION, source="admin").count() == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"destinations": []}, "Choose at least one destination."),
        ({"calling_titles": "ELSEWHERE"}, "it does not go back there"),
        ({"from_time": "08:00"}, "Give both times, or neither."),
    ],
)
def test_a_rule_that_makes_no_sense_is_not_saved(
    admin: Client, practice: Practice, elsewhere: Remote, changes: dict[str, Any], word: str
) -> None:
    answer = admin.post(f"{RULES}add/", form(practice, elsewhere, **changes))
    assert word in answer.content.decode()
    assert not Rule.objects.exists()


def test_a_rule_is_changed_switched_off_and_removed(admin: Client, practice: Practice, elsewhere: Remote) -> None:
    admin.post(f"{RULES}add/", form(practice, elsewhere, weekdays=["7"]))
    rule = Rule.objects.get()
    second = Remote.objects.create(practice=practice, name="Cloud", title="CLOUD", host="127.0.0.1", port=1)
    wanted = form(practice, elsewhere, second, weekdays=["6", "7"])
    del wanted["is_active"], wanted["practice"]
    assert admin.post(f"{RULES}{rule.pk}/change/", wanted).status_code == 302
    rule.refresh_from_db()
    assert (rule.is_active, rule.weekdays, rule.destinations.count()) == (False, "67", 2)
    assert admin.post(f"{RULES}{rule.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Rule.objects.exists()


def test_the_outbox_shows_what_failed_and_why(admin: Client, row: Outgoing) -> None:
    page = shown(admin, f"{OUTBOX}?state__exact=failed")
    assert "Xanthippe" in page
    assert "0 of 2, 1 not taken" in page
    assert "1 of 2 instances were not taken." in page
    page = shown(admin, f"{OUTBOX}{row.pk}/change/")
    assert "It has no room for CT." in page
    assert "Send again" in page
    assert "Cancel" not in page.split("fovea-card")[1]


def test_who_may_not_look_at_studies_sees_no_names(practice: Practice, row: Outgoing) -> None:
    keeper = User.objects.create_user("lou", practice=practice, is_staff=True)
    give(keeper, practice, Permission.ADMINISTER)
    page = shown(client_of(keeper), OUTBOX)
    assert "Elsewhere" in page
    assert "Xanthippe" not in page


def act(client: Client, address: str, what: str, *rows: Any) -> str:
    chosen = {"action": what, "_selected_action": [row.pk for row in rows]}
    return client.post(address, chosen, follow=True).content.decode()


def test_studies_are_sent_again_first_and_cancelled(admin: Client, row: Outgoing) -> None:
    assert "To be sent again: 1." in act(admin, OUTBOX, "resend_selected", row)
    assert "It is on its way already." in act(admin, OUTBOX, "resend_selected", row)
    assert "To be sent before all others: 1." in act(admin, OUTBOX, "first_selected", row)
    row.refresh_from_db()
    assert (row.state, row.priority) == (OutgoingState.WAITING, Priority.HIGH)
    assert "No longer to be sent: 1." in act(admin, OUTBOX, "cancel_selected", row)
    assert "It has ended already." in act(admin, OUTBOX, "cancel_selected", row)
    told = Event.objects.filter(action=Event.Action.CONFIGURATION).values_list("actor", flat=True)
    assert set(told) == {"nora"}


def test_destinations_show_who_is_silent_and_what_waits(admin: Client, row: Outgoing, elsewhere: Remote) -> None:
    since = timezone.now() - timedelta(hours=3)
    Outgoing.objects.update(state=OutgoingState.WAITING, created_at=since)
    silent = Destination.objects.create(
        remote=elsewhere, open_since=since, failing_since=since, failures=4, probe_at=since, last_error="It is away."
    )
    Alarm.objects.create(practice=elsewhere.practice, remote=elsewhere, kind="silent", studies=3, since=timezone.now())
    for address in (DESTINATIONS, f"{DESTINATIONS}?remote={elsewhere.pk}", f"{DESTINATIONS}{silent.pk}/change/"):
        page = shown(admin, address)
        assert "Does not take anything" in page
        assert "It is away." in page
        assert "and nothing was taken." in page
    assert "and nothing was taken." in shown(admin, "/admin/")
    assert "Nothing is sent anywhere yet" in shown(admin, f"{DESTINATIONS}?remote=999")


def test_a_destination_is_tried_now(admin: Client, row: Outgoing, elsewhere: Remote) -> None:
    destination = Destination.objects.create(remote=elsewhere)
    Outgoing.objects.update(state=OutgoingState.WAITING, not_before=timezone.now() + timedelta(hours=1))
    answer = admin.post(f"{DESTINATIONS}{destination.pk}/try/", follow=True)
    assert "Elsewhere is tried now: 1 study to send." in answer.content.decode()
    assert Outgoing.objects.get().not_before <= timezone.now()


def test_promises_show_what_was_not_promised(admin: Client, study: Study, elsewhere: Remote) -> None:
    (promise,) = requests.of(study, elsewhere)
    promise.state, promise.error, promise.failed = RequestState.GIVEN_UP, "Elsewhere does not promise it.", 1
    promise.save()
    page = shown(admin, PROMISES)
    assert "Elsewhere does not promise it." in page
    assert "does not keep 1" in page
    assert "Elsewhere is asked again." in act(admin, PROMISES, "ask_again", promise)
    assert CommitmentRequest.objects.get().state == RequestState.WAITING
    assert Job.objects.filter(kind=requests.ASK).count() == 1


def test_the_page_of_a_study_tells_where_it_went(admin: Client, row: Outgoing, practice: Practice) -> None:
    address = f"/admin/archive/study/{row.study_id}/change/"
    page = shown(admin, address)
    assert "Sent on" in page
    assert f"{OUTBOX}{row.pk}/change/" in page
    reader = User.objects.create_user("lou", practice=practice, is_staff=True)
    give(reader, practice, Permission.VIEW)
    assert "Sent on" not in shown(client_of(reader), address)


def test_others_see_nothing(row: Outgoing, stranger: User, practice: Practice, anonymous: Client) -> None:
    rule = Rule.objects.create(practice=practice, name="CT")
    destination = Destination.objects.create(remote=row.remote)
    User.objects.filter(pk=stranger.pk).update(is_staff=True)
    stranger.refresh_from_db()
    lou = User.objects.create_user("lou", practice=practice, is_staff=True)
    give(lou, practice, *(each for each in Permission if each is not Permission.ADMINISTER))
    pages = (f"{RULES}{rule.pk}/change/", f"{OUTBOX}{row.pk}/change/", f"{DESTINATIONS}{destination.pk}/change/")
    for client, hidden, closed in ((client_of(stranger), 404, 200), (client_of(lou), 403, 403), (anonymous, 302, 302)):
        for address in (RULES, OUTBOX, DESTINATIONS, PROMISES):
            answer = client.get(address)
            assert answer.status_code == closed
            assert b"Elsewhere" not in answer.content
        for page in pages:
            assert client.get(page).status_code in {hidden, 403}
        assert client.post(f"{DESTINATIONS}{destination.pk}/try/").status_code == hidden
