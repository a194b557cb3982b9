"""What follows from a message happens after its answer, and can't undo it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase

from apps.hl7 import following, reception
from apps.hl7.directory import Caller
from apps.hl7.models import Sender
from apps.hl7.reception import Answer
from apps.practice.events import leads_changed
from apps.practice.models import Lead
from tests.hl7.texts import adt

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[set[int]]]:
    """The leads of which listeners have heard."""
    heard: list[set[int]] = []

    def hear(*, lead_pks: set[int], **_: Any) -> None:
        heard.append(lead_pks)

    leads_changed.connect(hear)
    yield heard
    leads_changed.disconnect(hear)


def receive(text: str) -> Answer:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return reception.receive(text.encode(), Caller("127.0.0.1"))


@pytest.mark.usefixtures("sender")
def test_who_listens_hears_of_it_after_the_answer(told: list[set[int]]) -> None:
    answer = receive(adt())
    assert (answer.code, told) == ("AA", [])
    answer.follow()
    assert told == [{Lead.objects.get().pk}]


@pytest.mark.usefixtures("sender")
def test_nothing_follows_from_what_was_refused(told: list[set[int]]) -> None:
    answer = receive(adt().replace("PID|", "PIX|"))
    answer.follow()
    assert (answer.code, told) == ("AE", [])


def test_one_that_fails_keeps_none_of_the_others_from_it(caplog: pytest.LogCaptureFixture) -> None:
    called: list[int] = []
    following.run([lambda: 1 // 0, lambda: called.append(1)])
    assert called == [1]
    assert "what follows from it failed" in caplog.text


def test_what_was_registered_before_is_left_where_it_is(sender: Sender, told: list[set[int]]) -> None:
    with TestCase.captureOnCommitCallbacks() as callbacks:
        transaction.on_commit(lambda: None)
        reception.receive(adt().encode(), Caller(sender.networks))
    assert len(callbacks) == 1
    assert told == []
