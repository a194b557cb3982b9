"""What people do with the outbox, and that it may be long."""

import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid
from apps.remotes.models import Remote
from apps.routing import leases, outbox, pruning, router
from apps.routing.models import Delivery, Destination, Outgoing, Priority
from tests.remotes.storing import storing
from tests.routing.sending import CONTEXT, at, hurry, route, study

LONG = 10_000


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def test_a_study_that_somebody_sends_is_on_record_under_their_name(
    practice: Practice, elsewhere: Remote, who: Principal
) -> None:
    with storing(CONTEXT) as node:
        outgoing = outbox.send(study(practice, count=2), at(elsewhere, node.port), who)
        route()
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.total, outgoing.asked_by_id) == ("sent", 2, who.user_id)
    asked, sent = Event.objects.filter(source="routing").order_by("pk")
    assert (asked.actor, asked.detail) == ("nora", "asked to send to Elsewhere")
    assert (sent.actor, sent.on_behalf_of, sent.count) == ("router", "nora", 2)


def test_another_practice_s_study_is_not_sent(other_practice: Practice, elsewhere: Remote, who: Principal) -> None:
    with pytest.raises(Invalid):
        outbox.send(study(other_practice), elsewhere, who)


def test_again_means_what_was_not_taken(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    stored = study(practice, count=3)
    with storing(CONTEXT) as node:
        node.statuses = {f"{stored.study_instance_uid}.1.2": 0xC000}
        outgoing = outbox.send(stored, at(elsewhere, node.port), who)
        route()
        node.statuses = {}
        outbox.resend(outgoing, who)
        route()
        assert len(node.files) == 4
        outgoing.refresh_from_db()
        assert (outgoing.state, outgoing.taken, outgoing.parked) == ("sent", 3, 0)


def test_again_means_all_where_all_was_taken(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    with storing(CONTEXT) as node:
        outgoing = outbox.send(study(practice, count=2), at(elsewhere, node.port), who)
        route()
        outbox.resend(outgoing, who)
        route()
        assert len(node.files) == 4
    outgoing.refresh_from_db()
    assert (outgoing.taken, outgoing.total) == (2, 2)
    assert sum(event.count for event in Event.objects.filter(action=Event.Action.SEND)) == 4


def test_what_is_on_its_way_is_not_sent_again(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    outgoing = outbox.send(study(practice), elsewhere, who)
    with pytest.raises(Conflict):
        outbox.resend(outgoing, who)


def test_what_is_cancelled_stays_here(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    outgoing = outbox.cancel(outbox.send(study(practice), elsewhere, who), who)
    assert route() == 0
    with pytest.raises(Conflict):
        outbox.cancel(outgoing, who)


def test_cancelling_ends_what_is_being_sent_between_two_instances(
    practice: Practice, elsewhere: Remote, who: Principal
) -> None:
    with storing(CONTEXT) as node:
        outgoing = outbox.send(study(practice, count=3), at(elsewhere, node.port), who)
        claimed = _claim(elsewhere)
        outbox.cancel(outgoing, who)
        held = leases.Leases()
        with held.holding(claimed) as mine:
            held.renew()
            assert mine.is_lost


def test_being_told_to_end_puts_the_rest_back_uncounted(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    with storing(CONTEXT) as node:
        outgoing = outbox.send(study(practice, count=3), at(elsewhere, node.port), who)
        route(is_to_stop=lambda: bool(node.files))
        outgoing.refresh_from_db()
        assert (outgoing.state, outgoing.taken, outgoing.owner) == ("waiting", 1, "")
        route()
        assert len(node.files) == 3


def test_a_lease_that_has_lapsed_is_another_s(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    outbox.send(study(practice), elsewhere, who)
    first = _claim(elsewhere)
    assert leases.claim(elsewhere.pk) is None
    Outgoing.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = leases.claim(elsewhere.pk)
    assert second is not None
    assert (second.pk, second.attempts) == (first.pk, 2)
    assert second.owner != first.owner


def test_two_lanes_to_a_destination_are_the_most(practice: Practice, elsewhere: Remote, who: Principal) -> None:
    for number in range(3):
        outbox.send(study(practice, number), elsewhere, who)
    claimed = [_claim(elsewhere), leases.claim(elsewhere.pk), leases.claim(elsewhere.pk)]
    assert [bool(row) for row in claimed] == [True, True, False]


def test_a_long_outbox_is_claimed_a_row_at_a_time(practice: Practice, elsewhere: Remote) -> None:
    _fill(practice, elsewhere)
    tracemalloc.start()
    with CaptureQueriesContext(connection) as captured:
        row = _claim(elsewhere)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (row.priority, row.pk) == (Priority.HIGH, Outgoing.objects.latest("pk").pk)
    assert len(captured) <= 14
    assert most < 4 << 20


def test_a_long_outbox_whose_destination_is_away_costs_some_attempts_and_then_none(
    practice: Practice, elsewhere: Remote
) -> None:
    _fill(practice, elsewhere)
    assert route() == 5
    hurry()
    assert Outgoing.objects.filter(attempts__gt=0).count() == Destination.objects.get().failures == 5
    assert router.due() == []
    assert outbox.counts()[0].waiting == LONG


def test_what_was_sent_long_ago_is_forgotten_and_what_failed_is_not(
    practice: Practice, elsewhere: Remote, who: Principal
) -> None:
    for number, state in enumerate(("sent", "cancelled", "failed", "waiting")):
        outbox.send(study(practice, number), elsewhere, who)
        Outgoing.objects.filter(pk=Outgoing.objects.latest("pk").pk).update(state=state)
    assert pruning.prune() == 0
    Outgoing.objects.update(created_at=timezone.now() - timedelta(days=91))
    assert pruning.prune() == 2
    assert Delivery.objects.count() == Outgoing.objects.count() == 2


def _claim(remote: Remote) -> Outgoing:
    assert router.due() == [remote.pk]
    row = leases.claim(remote.pk)
    assert row is not None
    return row


def _fill(practice: Practice, remote: Remote) -> None:
    """So many studies that wait, the last of them with priority."""
    stored = study(practice)
    Outgoing.objects.bulk_create(
        Outgoing(
            practice=practice, remote=remote, study=stored, total=1,
            study_instance_uid=stored.study_instance_uid,
            priority=Priority.HIGH if number == LONG - 1 else Priority.NORMAL,
        )
        for number in range(LONG)
    )  # fmt: skip
    instance = stored.series.get().instances.get()
    Delivery.objects.bulk_create(
        Delivery(outgoing_id=pk, instance_key=instance.pk, sop_instance_uid=instance.sop_instance_uid)
        for pk in Outgoing.objects.values_list("pk", flat=True)
    )
