"""From what has arrived to what is to go."""

import pytest
from django.utils import timezone

from apps.accounts.models import Practice
from apps.archive.store import Batch, Origin
from apps.remotes.models import Remote
from apps.routing import outbox
from apps.routing.expanding import expand
from apps.routing.models import Arrival, Delivery, Outgoing, Priority, When
from apps.routing.receivers import on_step_changed
from apps.worklist.models import ScheduledStep, StepState
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.routing.sending import rule_to, settle, study


@pytest.fixture
def second(elsewhere: Remote) -> Remote:
    return Remote.objects.create(practice=elsewhere.practice, name="Second", title="SECOND", host="192.0.2.7", port=104)


def test_a_study_goes_when_it_is_complete_and_not_before(practice: Practice, elsewhere: Remote) -> None:
    rule = rule_to(elsewhere, priority=Priority.HIGH)
    stored = study(practice, count=3)
    assert expand() == 0
    settle()
    outgoing = Outgoing.objects.get()
    assert (outgoing.rule, outgoing.remote, outgoing.study) == (rule, elsewhere, stored)
    assert (outgoing.total, outgoing.priority, outgoing.state) == (3, Priority.HIGH, "waiting")
    assert not Arrival.objects.exists()


def test_at_once_means_before_it_is_complete(practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere, when=When.AT_ONCE)
    study(practice, count=1)
    expand()
    assert Outgoing.objects.get().total == 1
    study(practice, count=2)
    expand()
    assert Outgoing.objects.get().total == 2


def test_what_goes_at_once_does_not_go_again_when_the_study_is_complete(practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere, when=When.AT_ONCE)
    rule_to(elsewhere, name="All of it")
    study(practice, count=2)
    expand()
    settle()
    assert Outgoing.objects.get().total == 2


def test_rules_that_are_asked_twice_change_nothing(practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere)
    study(practice)
    settle()
    settle()
    assert Delivery.objects.count() == 1


def test_what_two_rules_send_to_one_place_goes_by_the_first(
    practice: Practice, elsewhere: Remote, second: Remote
) -> None:
    rule_to(elsewhere, second, position=2)
    first = rule_to(elsewhere, name="First", position=1)
    study(practice)
    settle()
    assert {row.remote: row.rule_id == first.pk for row in Outgoing.objects.all()} == {elsewhere: True, second: False}


def test_only_what_meets_the_conditions_goes(practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere, modalities="OT")
    other = dicoms.secondary_capture(SeriesInstanceUID=dicoms.uid(1, 7), SOPInstanceUID=dicoms.uid(1, 7, 1))
    keep(practice, *dicoms.ct_series(2), other)
    settle()
    assert [row.sop_instance_uid for row in Delivery.objects.all()] == [dicoms.uid(1, 7, 1)]


def test_rules_are_those_of_the_practice(practice: Practice, other_practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere)
    theirs = Remote.objects.create(practice=other_practice, name="Theirs", title="THEIRS", host="192.0.2.8", port=104)
    rule_to(theirs)
    study(other_practice)
    settle()
    assert Outgoing.objects.get().remote == theirs


def test_a_rule_that_is_switched_off_meanwhile_sends_nothing(practice: Practice, elsewhere: Remote) -> None:
    rule = rule_to(elsewhere)
    study(practice)
    rule.delete()
    settle()
    assert not Outgoing.objects.exists()
    assert not Arrival.objects.exists()


def test_what_somebody_has_sent_by_hand_does_not_go_by_a_rule_too(
    practice: Practice, elsewhere: Remote, user: object
) -> None:
    from apps.accounts.principal import Principal

    rule_to(elsewhere)
    outbox.send(study(practice), elsewhere, Principal.worker(practice.pk))
    settle()
    assert Outgoing.objects.count() == 1


def test_a_study_of_which_more_comes_later_goes_on(practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere)
    study(practice, count=1)
    settle()
    Outgoing.objects.update(state="sent")
    study(practice, count=2)
    settle()
    assert [row.total for row in Outgoing.objects.order_by("pk")] == [1, 1]


def test_a_study_whose_step_was_performed_need_not_settle(practice: Practice, elsewhere: Remote) -> None:
    rule_to(elsewhere)
    stored = study(practice)
    step = ScheduledStep(practice=practice, study_instance_uid=stored.study_instance_uid)
    for state, total in ((StepState.IN_PROGRESS, 0), (StepState.COMPLETED, 1)):
        step.state = state
        on_step_changed(step=step, previous=StepState.SCHEDULED)
        expand()
        assert Outgoing.objects.count() == total


def test_nothing_goes_back_to_where_it_came_from(practice: Practice, elsewhere: Remote, second: Remote) -> None:
    rule_to(elsewhere)
    rule_to(second, name="Other")
    _sent_by(practice, remote_id=elsewhere.pk, calling_title="ELSEWHERE")
    settle()
    assert Outgoing.objects.get().remote == second


def test_nothing_goes_on_by_a_rule_to_whose_destination_it_came_from(
    practice: Practice, elsewhere: Remote, second: Remote
) -> None:
    rule_to(elsewhere, second)
    _sent_by(practice, remote_id=second.pk, calling_title="SECOND")
    settle()
    assert not Outgoing.objects.exists()


def test_a_node_that_is_entered_twice_is_known_by_its_title(practice: Practice, elsewhere: Remote) -> None:
    twin = Remote.objects.create(practice=practice, name="Twin", title="ELSEWHERE", host="127.0.0.1", port=2)
    rule_to(elsewhere)
    _sent_by(practice, remote_id=twin.pk, calling_title="ELSEWHERE")
    settle()
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(("address", "goes"), [("192.0.2.7", False), ("192.0.2.8", True), ("", True)])
def test_what_no_remote_is_known_to_have_sent_does_not_go_to_its_own_address(
    practice: Practice, second: Remote, address: str, goes: bool
) -> None:
    rule_to(second)
    study(practice)
    Arrival.objects.update(address=address)
    settle()
    assert Outgoing.objects.exists() is goes


def _sent_by(practice: Practice, **whence: object) -> None:
    with Batch(Origin("C-STORE", practice.pk, "node", **whence)) as batch:  # type: ignore[arg-type]
        batch.receive([dicoms.ct_slice()])
        batch.commit()
    assert Arrival.objects.get().arrived_at <= timezone.now()
