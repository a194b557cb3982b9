"""The circuit breaker: a destination that fails is only asked by echo, until it answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Practice
from apps.remotes.models import Protocol, Remote
from apps.routing import breaker
from apps.routing.models import Destination, Outgoing
from tests.routing.nodes import Bad, answering
from tests.routing.sending import at, hurry, route, rule_to, settle, study


@pytest.fixture
def full(db: None) -> Iterator[Bad]:
    """A node that can take nothing now, and says so."""
    with answering(0xA700) as full:
        yield full


@pytest.fixture
def waiting(practice: Practice, elsewhere: Remote, full: Bad, settings: Settings) -> Outgoing:
    """A study for it; two failures are enough."""
    settings.ROUTING_FAILURES = 2
    rule_to(at(elsewhere, full.port))
    study(practice)
    settle()
    return Outgoing.objects.get()


def _fail(times: int = 2) -> None:
    for _ in range(times):
        hurry()
        route()


def _be_due() -> None:
    Destination.objects.update(probe_at=timezone.now())


def test_after_some_failures_in_a_row_nothing_is_sent(waiting: Outgoing, full: Bad) -> None:
    _fail(1)
    assert Destination.objects.get().open_since is None
    _fail(5)
    assert len(full.uids) == 2
    row = Destination.objects.get()
    assert row.open_since is not None
    assert row.failing_since is not None
    assert "A700" in row.last_error


def test_only_now_and_then_is_it_asked_by_echo(waiting: Outgoing, full: Bad) -> None:
    _fail()
    assert breaker.due() == []
    _be_due()
    assert breaker.due() == [waiting.remote_id]
    full.echo_status = 0x0122
    assert not breaker.probe(waiting.remote_id)
    assert (full.asked, breaker.due()) == (1, [])
    assert not breaker.probe(waiting.remote_id)
    assert full.asked == 1


def test_when_it_answers_what_waits_is_sent_without_its_pause(
    practice: Practice, waiting: Outgoing, full: Bad, elsewhere: Remote
) -> None:
    _fail()
    _be_due()
    assert Outgoing.objects.get().not_before > timezone.now()
    assert breaker.probe(waiting.remote_id)
    with answering() as well:
        at(elsewhere, well.port)
        assert route() == 1
    row = Destination.objects.get()
    assert (row.open_since, row.failing_since, row.failures) == (None, None, 0)


def test_one_more_failure_opens_it_again(waiting: Outgoing, full: Bad) -> None:
    _fail()
    since = Destination.objects.get().failing_since
    _be_due()
    breaker.probe(waiting.remote_id)
    _fail(1)
    row = Destination.objects.get()
    assert row.open_since is not None
    assert row.failing_since == since


def test_no_attempt_is_counted_while_it_is_open(waiting: Outgoing) -> None:
    _fail(6)
    assert Outgoing.objects.get().attempts == 2


def test_one_that_refuses_the_question_gets_one_study_as_a_trial(
    practice: Practice, waiting: Outgoing, elsewhere: Remote
) -> None:
    study(practice, 1)
    settle()
    _fail()
    _be_due()
    Outgoing.objects.update(not_before=timezone.now() + timedelta(hours=1))
    Remote.objects.update(protocol=Protocol.DICOMWEB, url="ftp://127.0.0.1/")
    assert breaker.probe(waiting.remote_id)
    assert Outgoing.objects.filter(not_before__lte=timezone.now()).count() == 1


def test_another_destination_goes_on(practice: Practice, waiting: Outgoing) -> None:
    with answering() as well:
        other = Remote.objects.create(
            practice=practice, name="Well", title="ELSEWHERE", host="127.0.0.1", port=well.port
        )
        rule_to(other, name="Well too")
        _fail()
        study(practice, 1)
        settle()
        route()
    assert Outgoing.objects.get(remote=other).state == "sent"
