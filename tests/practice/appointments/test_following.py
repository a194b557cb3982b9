"""Appointments and steps move together: what people say, what devices do, and who the lead is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Practice
from apps.core.errors import Conflict
from apps.jobs.models import Job
from apps.practice.appointments import moving, receivers
from apps.practice.events import leads_changed
from apps.practice.models import Appointment, AppointmentState, Lead
from apps.worklist import scheduling
from apps.worklist.checking_in import check_in
from apps.worklist.models import ScheduledStep
from apps.worklist.scheduling import Planned
from tests.practice.appointments.booked import book, lead_of, secretary, step_of
from tests.remotes.jobs import do

Committed = Callable[[], Any]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Committed:
    """What is told after the commit is told at the end of the block."""

    @contextmanager
    def block() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return block


def moved(appointment: Appointment, verb: str, **facts: str) -> tuple[str, str]:
    """The state of the appointment and of its step after a verb."""
    getattr(moving, verb)(appointment, secretary(appointment.practice), source="test", **facts)
    return states(appointment)


def states(appointment: Appointment) -> tuple[str, str]:
    appointment.refresh_from_db()
    return appointment.state, step_of(appointment).state


@pytest.mark.parametrize(
    ("verb", "appointment_is", "step_is"),
    [
        ("arrive", "arrived", "scheduled"),
        ("fulfil", "fulfilled", "completed"),
        ("cancel", "cancelled", "cancelled"),
        ("no_show", "noshow", "cancelled"),
    ],
)
def test_the_step_moves_with_the_appointment(
    practice: Practice, committed: Committed, verb: str, appointment_is: str, step_is: str
) -> None:
    appointment = book(practice)
    for _ in range(2):
        with committed():
            assert moved(appointment, verb) == (appointment_is, step_is)
    assert states(appointment) == (appointment_is, step_is)
    assert appointment.version == 2


def test_who_arrives_is_checked_in(practice: Practice) -> None:
    appointment = book(practice)
    moved(appointment, "arrive")
    assert step_of(appointment).checked_in_at is not None


@pytest.mark.parametrize("verb", ["cancel", "no_show"])
def test_what_was_called_off_is_booked_again(practice: Practice, verb: str) -> None:
    appointment = book(practice)
    moved(appointment, verb)
    assert moved(appointment, "reopen") == ("booked", "scheduled")


@pytest.mark.parametrize(
    ("first", "then"), [("fulfil", "cancel"), ("cancel", "arrive"), ("fulfil", "reopen"), ("arrive", "no_show")]
)
def test_a_move_that_there_is_not_is_a_conflict(practice: Practice, first: str, then: str) -> None:
    appointment = book(practice)
    before = moved(appointment, first)
    with pytest.raises(Conflict):
        moved(appointment, then)
    assert states(appointment) == before


def test_what_a_device_has_begun_can_not_be_cancelled(practice: Practice) -> None:
    appointment = book(practice)
    scheduling.start(step_of(appointment), secretary(practice))
    with pytest.raises(Conflict, match="The device has begun"):
        moved(appointment, "cancel")


@pytest.mark.parametrize("before", [None, "cancel", "no_show"])
def test_what_a_device_does_counts_more(practice: Practice, committed: Committed, before: str | None) -> None:
    appointment = book(practice)
    if before:
        moved(appointment, before)
    with committed():
        step = scheduling.start(step_of(appointment), secretary(practice))
    assert states(appointment) == ("arrived", "in_progress")
    with committed():
        scheduling.complete(step, secretary(practice))
    assert states(appointment) == ("fulfilled", "completed")


def test_a_step_that_is_cancelled_and_reopened_takes_its_appointment_along(
    practice: Practice, committed: Committed
) -> None:
    appointment = book(practice)
    with committed():
        step = scheduling.cancel(step_of(appointment), secretary(practice), reason="Out of order")
    assert states(appointment) == ("cancelled", "cancelled")
    assert appointment.reason == "Out of order"
    with committed():
        scheduling.reopen(step, secretary(practice))
    assert states(appointment) == ("booked", "scheduled")


def test_a_step_that_is_checked_in_has_arrived(practice: Practice, committed: Committed) -> None:
    appointment = book(practice)
    with committed():
        check_in(step_of(appointment), secretary(practice), source="test")
    assert states(appointment) == ("arrived", "scheduled")


def test_a_step_that_is_planned_otherwise_moves_its_appointment(practice: Practice, committed: Committed) -> None:
    appointment = book(practice)
    step = step_of(appointment)
    with committed():
        replanned(step, start_time=time(11), minutes=40, station_titles="PANO1\\PANO2")
    appointment.refresh_from_db()
    assert (appointment.start_at, appointment.minutes) == (datetime(2026, 3, 2, 11, tzinfo=UTC), 40)
    assert appointment.station_title == "PANO1"
    with committed():
        replanned(step, start_time=None, station_titles="PANO3")
    appointment.refresh_from_db()
    assert (appointment.start_at.hour, appointment.station_title) == (11, "PANO3")


def test_steps_without_an_appointment_are_let_be(practice: Practice, committed: Committed) -> None:
    step = step_of(book(practice))
    Appointment.objects.all().delete()
    with committed():
        check_in(step, secretary(practice), source="test")
        scheduling.start(step, secretary(practice))
    assert not Appointment.objects.exists()


def test_a_lead_who_is_known_otherwise_is_told_to_the_devices_that_have_not_begun(practice: Practice) -> None:
    lead = lead_of(practice)
    waiting, begun = book(practice, lead), book(practice, lead)
    scheduling.start(step_of(begun), secretary(practice))
    renamed(lead, {lead.pk})
    assert (step_of(waiting).patient_name, step_of(begun).patient_name) == ("Roe^Jane", "Doe^Jane")


def test_many_leads_are_told_by_a_job(practice: Practice) -> None:
    lead = lead_of(practice)
    appointment = book(practice, lead)
    others = {lead_of(practice).pk for _ in range(receivers.FEW)}
    renamed(lead, {lead.pk, *others})
    assert step_of(appointment).patient_name == "Doe^Jane"
    assert do(Job.objects.get(kind=receivers.RENAME)) == {"steps": 1}
    assert step_of(appointment).patient_name == "Roe^Jane"


def test_a_lead_that_loses_its_name_keeps_nobody_else_from_theirs(practice: Practice) -> None:
    nameless, lead = lead_of(practice), lead_of(practice)
    appointments = book(practice, nameless), book(practice, lead)
    Lead.objects.filter(pk=nameless.pk).update(family_name="", given_name="")
    renamed(lead, {nameless.pk, lead.pk})
    assert [step_of(each).patient_name for each in appointments] == ["Doe^Jane", "Roe^Jane"]


def renamed(lead: Lead, told: set[int]) -> None:
    Lead.objects.filter(pk=lead.pk).update(family_name="Roe")
    leads_changed.send(Lead, practice_id=lead.practice_id, lead_pks=told)


def replanned(step: ScheduledStep, **changes: Any) -> None:
    step.refresh_from_db()
    known = {name: getattr(step, name) for name in Planned.__slots__}
    scheduling.change(step, Planned(**(known | changes)), secretary(step.practice))


def test_every_state_can_be_left_or_is_an_end() -> None:
    left = {state for before in moving.MOVES.values() for state in before}
    assert set(AppointmentState) - left == {AppointmentState.FULFILLED}
