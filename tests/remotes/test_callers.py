"""Callers that nobody knows are listed and on record, at a bounded cost."""

from types import SimpleNamespace

import pytest

from apps.audit import access, tallies
from apps.audit.models import Event
from apps.remotes import callers
from apps.remotes.admission import NotAdmitted
from apps.remotes.models import Remote, UnknownCaller
from tests.remotes.asking import TITLE, ask


def call(calling: str = "STRANGER", address: str = "10.1.1.1", called: str = TITLE) -> None:
    with pytest.raises(NotAdmitted):
        ask(address, calling=calling, called=called)


def test_a_caller_is_listed_once_and_counted(xray: Remote) -> None:
    for _ in range(3):
        call()
    row = UnknownCaller.objects.get()
    assert (row.calling, row.called, row.address, row.calls) == ("STRANGER", TITLE, "10.1.1.1", 3)
    assert row.practice_id == xray.practice_id
    assert row.last_at >= row.first_at


def test_the_list_says_why(xray: Remote) -> None:
    call("XRAY")
    call("STRANGER")
    call(called="ELSEWHERE")
    reasons = dict(UnknownCaller.objects.values_list("calling", "reason"))
    assert "Panoramic X-ray" in reasons["XRAY"]
    assert "address" in reasons["XRAY"]
    elsewhere = UnknownCaller.objects.get(called="ELSEWHERE")
    assert elsewhere.practice_id is None


def test_it_is_on_record_with_the_address(xray: Remote) -> None:
    for _ in range(3):
        call()
    access.flush()
    event = Event.objects.get(action=Event.Action.NODE_REFUSED)
    assert (event.actor, event.address, event.count, event.practice_id) == ("STRANGER", "10.1.1.1", 3, xray.practice_id)


def test_what_databases_do_not_take_is_made_readable(xray: Remote) -> None:
    call("A\0B\nC�", "::ffff:10.0.0.9")
    row = UnknownCaller.objects.get()
    assert (row.calling, row.address) == ("A?B?C?", "10.0.0.9")


def test_the_list_is_bounded_and_the_oldest_go(xray: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "MOST_KEPT", 5)
    for number in range(8):
        call(f"S{number}")
    assert set(UnknownCaller.objects.values_list("calling", flat=True)) == {f"S{number}" for number in range(3, 8)}


def test_a_flood_costs_a_write_in_a_while(
    xray: Remote, django_assert_max_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    # For this module alone: the record has a writer of its own.
    monkeypatch.setattr(tallies, "settings", SimpleNamespace(AUDIT_FLUSH_SECONDS=3600))
    monkeypatch.setattr(callers._refused, "_timer", None)
    call()
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        for number in range(200):
            callers.note(callers.Caller.of(f"F{number}", TITLE, "10.0.0.1"), xray.practice_id, "unknown")
    assert callers._refused._timer is not None
    callers._refused._timer.cancel()
    callers._refused.write()
    assert UnknownCaller.objects.count() == 1 + callers.MOST_WAITING
    access.flush()
    rest = Event.objects.get(action=Event.Action.NODE_REFUSED, actor="")
    assert rest.count == 200 - callers.MOST_WAITING
