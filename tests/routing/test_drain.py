"""Sending what is to go: to nodes that take it, refuse some of it, stall, or go away."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.lifecycle import delete_study
from apps.archive.retrieve import StoredInstance
from apps.audit.models import Event
from apps.core.errors import Unavailable
from apps.remotes.models import Remote
from apps.remotes.sending import Sender, Sent
from apps.routing import outbox
from apps.routing.models import Delivery, Destination, Outgoing, Priority
from tests.remotes.storing import Storing, storing
from tests.routing.nodes import vanishing
from tests.routing.sending import CONTEXT, at, hurry, route, rule_to, settle, study


@pytest.fixture
def node(db: None) -> Iterator[Storing]:
    with storing(CONTEXT) as peer:
        yield peer


@pytest.fixture
def there(node: Storing, elsewhere: Remote) -> Remote:
    rule_to(at(elsewhere, node.port))
    return elsewhere


def test_a_study_arrives_and_its_row_says_so(practice: Practice, node: Storing, there: Remote) -> None:
    study(practice, count=5)
    settle()
    assert route() == 1
    assert len(node.files) == 5
    row = Outgoing.objects.get()
    assert (row.state, row.taken, row.total, row.parked, row.last_error) == ("sent", 5, 5, 0, "")
    assert row.sent_at is not None
    assert Destination.objects.get().last_taken_at is not None


def test_what_left_is_on_record_once_with_where_it_went(practice: Practice, there: Remote) -> None:
    study(practice, count=5)
    settle()
    route()
    event = Event.objects.get(action=Event.Action.SEND)
    assert (event.actor, event.count, event.detail, event.practice_id) == ("router", 5, "to Elsewhere", practice.pk)


def test_nothing_is_sent_twice(practice: Practice, node: Storing, there: Remote) -> None:
    study(practice, count=2)
    settle()
    route()
    study(practice, count=2)
    settle()
    assert route() == 0
    assert len(node.files) == 2


def test_a_node_that_is_away_is_tried_again_after_a_pause(practice: Practice, there: Remote) -> None:
    at(there, 1)
    study(practice)
    settle()
    assert route() == 1
    row = Outgoing.objects.get()
    assert (row.state, row.attempts, row.taken) == ("waiting", 1, 0)
    assert "can't be reached" in row.last_error
    assert row.not_before > timezone.now() + timedelta(seconds=20)
    assert route() == 0


def test_an_instance_that_is_wrong_is_set_aside_and_the_rest_arrives(
    practice: Practice, node: Storing, there: Remote
) -> None:
    uid = study(practice, count=5).study_instance_uid
    node.statuses = {f"{uid}.1.2": 0xA900, f"{uid}.1.3": 0xC123, f"{uid}.1.4": 0x0122, f"{uid}.1.5": 0xB000}
    settle()
    route()
    row = Outgoing.objects.get()
    assert (row.state, row.taken, row.warned, row.parked) == ("failed", 2, 1, 3)
    assert row.last_error.startswith("3 of 5 instances were not taken. The first: ")
    parked = dict(Delivery.objects.filter(state="parked").values_list("sop_instance_uid", "status"))
    assert parked == {f"{uid}.1.2": 0xA900, f"{uid}.1.3": 0xC123, f"{uid}.1.4": 0x0122}
    assert Destination.objects.get().failures == 0


def test_what_it_takes_in_no_form_is_set_aside(practice: Practice, there: Remote) -> None:
    study(practice, 1, SOPClassUID="1.2.3.4")
    settle()
    route()
    assert Outgoing.objects.get().state == "failed"
    assert "SOP class" in Delivery.objects.get().reason


def test_a_full_node_gets_the_rest_another_time(practice: Practice, node: Storing, there: Remote) -> None:
    uid = study(practice, count=6).study_instance_uid
    node.statuses = {f"{uid}.1.{number}": 0xA700 for number in range(1, 6)}
    settle()
    route()
    row = Outgoing.objects.get()
    assert (row.state, row.taken, len(node.files)) == ("waiting", 0, 3)
    assert Destination.objects.get().failures == 1
    hurry()
    route()
    assert Outgoing.objects.get().taken == 1
    node.statuses = {}
    hurry()
    route()
    assert Outgoing.objects.get().state == "sent"
    assert Delivery.objects.filter(state="taken").count() == 6


def test_a_node_that_goes_away_in_mid_study_gets_what_it_has_not_confirmed(
    practice: Practice, elsewhere: Remote
) -> None:
    rule_to(elsewhere)
    study(practice, count=6)
    settle()
    with vanishing(after=3) as frail:
        at(elsewhere, frail.port)
        route()
    row = Outgoing.objects.get()
    assert (row.state, row.taken, row.attempts) == ("waiting", 3, 1)
    assert Event.objects.get(action=Event.Action.SEND).count == 3
    hurry()
    with storing(CONTEXT) as node:
        at(elsewhere, node.port)
        route()
    assert len(node.files) == 3
    assert not node.datasets.keys() & set(frail.uids[:3])
    assert Outgoing.objects.get().state == "sent"
    assert [event.count for event in Event.objects.filter(action=Event.Action.SEND).order_by("pk")] == [3, 3]


def test_priorities_go_first_and_then_age(practice: Practice, node: Storing, there: Remote) -> None:
    by = Principal.worker(practice.pk)
    order = [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.NORMAL]
    sent = [outbox.send(study(practice, number), there, by, priority) for number, priority in enumerate(order)]
    route()
    came = [str(request.AffectedSOPInstanceUID)[: -len(".1.1")] for request in node.requests]
    assert came == [sent[number].study_instance_uid for number in (2, 1, 3, 0)]


def test_after_days_it_waits_for_a_person(practice: Practice, there: Remote) -> None:
    at(there, 1)
    study(practice)
    settle()
    Outgoing.objects.update(tried_since=timezone.now() - timedelta(days=8))
    route()
    row = Outgoing.objects.get()
    assert row.state == "failed"
    assert "can't be reached" in row.last_error


def test_so_it_does_after_many_attempts(practice: Practice, there: Remote, settings: Settings) -> None:
    settings.ROUTING_ATTEMPTS = 2
    at(there, 1)
    study(practice)
    settle()
    for state in ("waiting", "failed"):
        route()
        hurry()
        assert Outgoing.objects.get().state == state


def test_a_study_that_is_deleted_meanwhile_is_not_sent(practice: Practice, node: Storing, there: Remote) -> None:
    uid = study(practice, count=2).study_instance_uid
    settle()
    delete_study(Principal.worker(practice.pk), uid)
    route()
    row = Outgoing.objects.get()
    assert (row.state, row.study, row.parked, node.files) == ("failed", None, 2, [])
    assert "deleted" in row.last_error


def test_a_remote_that_is_switched_off_gets_nothing_and_loses_nothing(practice: Practice, there: Remote) -> None:
    study(practice)
    settle()
    Remote.objects.update(is_active=False)
    assert route() == 0
    Remote.objects.update(is_active=True)
    assert route() == 1
    assert Outgoing.objects.get().state == "sent"


def test_a_storage_that_can_t_be_read_now_is_no_fault_of_the_destination(
    practice: Practice, there: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    study(practice)
    settle()
    with monkeypatch.context() as away:
        away.setattr(Sender, "send", lambda *_: Sent.unread(Unavailable("The storage does not answer.")))
        route()
    row = Outgoing.objects.get()
    assert (row.state, row.parked, Destination.objects.get().failures) == ("waiting", 0, 0)
    hurry()
    route()
    assert Outgoing.objects.get().state == "sent"


def test_an_error_of_our_own_holds_up_no_other_study(
    practice: Practice, there: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = study(practice, 1)
    study(practice, 2)
    settle()
    send = Sender.send

    def broken(sender: Sender, stored: StoredInstance) -> Sent:
        if stored.study_instance_uid == first.study_instance_uid:
            raise ZeroDivisionError
        return send(sender, stored)

    monkeypatch.setattr(Sender, "send", broken)
    assert route() == 2
    states = dict(Outgoing.objects.values_list("study", "state"))
    assert sorted(states.values()) == ["sent", "waiting"]
    assert states[first.pk] == "waiting"
