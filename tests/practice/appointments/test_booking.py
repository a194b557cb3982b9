"""Booking appointments and changing them, each with its step on the worklists."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.practice.appointments import booking
from apps.practice.appointments.booking import Booking
from apps.practice.models import Appointment, AppointmentState
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep, StepState
from tests.practice.appointments.booked import START, book, lead_of, secretary, step_of
from tests.worklist.planned import plan


def change(appointment: Appointment, **facts: object) -> Appointment:
    return booking.change(appointment, facts, secretary(appointment.practice), source="test")


def test_a_device_is_told_who_comes_when_and_for_what(practice: Practice) -> None:
    lead = lead_of(practice, patient_id="P7")
    step = step_of(book(practice, lead, practitioner="Tooth, Tim", location="Room 1", minutes=20))
    assert (step.patient_id, step.patient_name, step.patient_birth_date, step.patient_sex) == (
        "P7", "Doe^Jane", "19800102", "F",
    )  # fmt: skip
    assert (step.modality, step.station_titles, step.start_date, step.start_time, step.minutes) == (
        "PX", "PANO1", date(2026, 3, 2), time(9, 30), 20,
    )  # fmt: skip
    assert (step.performing_physician, step.location, step.description) == ("Tooth^Tim", "Room 1", "Panoramic X-ray")
    assert step.state == StepState.SCHEDULED


def test_a_lead_without_a_number_of_the_practice_has_one_of_ours(practice: Practice) -> None:
    lead = lead_of(practice)
    assert step_of(book(practice, lead)).patient_id == lead.dicom_patient_id


def test_an_appointment_without_a_modality_is_not_told_to_devices(practice: Practice) -> None:
    appointment = book(practice, modality="", station_title="")
    assert (appointment.state, appointment.step) == (AppointmentState.BOOKED, None)
    assert not ScheduledStep.objects.exists()


def test_the_step_changes_with_the_appointment(practice: Practice) -> None:
    appointment = book(practice)
    changed = change(appointment, start_at=START + timedelta(days=1), station_title="PANO2", location="A" * 40)
    step = step_of(appointment)
    assert (step.start_date, step.station_titles, step.location) == (date(2026, 3, 3), "PANO2", "A" * 16)
    assert changed.version == 2
    assert change(appointment, station_title="PANO2").version == 2


def test_a_modality_that_comes_later_is_planned_and_one_that_goes_is_cancelled(practice: Practice) -> None:
    appointment = book(practice, modality="", station_title="")
    change(appointment, modality="IO")
    step = step_of(appointment)
    assert (step.modality, step.state) == ("IO", StepState.SCHEDULED)
    assert change(appointment, modality="").step is None
    step.refresh_from_db()
    assert step.state == StepState.CANCELLED


def test_what_a_device_has_begun_stays(practice: Practice) -> None:
    appointment = book(practice)
    scheduling.start(step_of(appointment), secretary(practice))
    for facts in ({"station_title": "PANO2"}, {"lead": lead_of(practice, given_name="John")}):
        with pytest.raises(Conflict, match="The device has begun"):
            change(appointment, **facts)
    assert change(appointment, external_id="E1").external_id == "E1"


def test_what_other_software_sends_again_is_the_same_appointment(practice: Practice) -> None:
    lead, who = lead_of(practice), secretary(practice)
    facts = {"external_id": "E1", "lead": lead, "start_at": START, "modality": "PX"}
    first = booking.take(practice.pk, facts, who, source="test")
    again = booking.take(practice.pk, facts | {"minutes": 30}, who, source="test")
    assert (first.is_new, again.is_new) == (True, False)
    assert Appointment.objects.get().minutes == ScheduledStep.objects.get().minutes == 30


def test_a_step_that_was_planned_by_the_same_id_is_taken_over(practice: Practice) -> None:
    step = plan(practice, external_id="E1")
    appointment = book(practice, external_id="E1")
    assert appointment.step == step
    step.refresh_from_db()
    assert step.patient_id == appointment.lead.dicom_patient_id


def test_a_deleted_appointment_is_off_the_worklist(practice: Practice) -> None:
    appointment = book(practice)
    booking.remove(appointment, secretary(practice), source="test")
    assert not Appointment.objects.exists()
    assert ScheduledStep.objects.get().state == StepState.CANCELLED


def test_one_that_a_device_has_begun_can_not_be_deleted(practice: Practice) -> None:
    appointment = book(practice)
    scheduling.start(step_of(appointment), secretary(practice))
    with pytest.raises(Conflict):
        booking.remove(appointment, secretary(practice), source="test")


@pytest.mark.parametrize("year", [1, 1989, 2100, 9999])
def test_an_impossible_time_is_refused(practice: Practice, year: int) -> None:
    with pytest.raises(Invalid, match="between 1990 and 2100") as refused:
        book(practice, start_at=datetime(year, 6, 1, tzinfo=UTC))
    assert [name for name, _ in refused.value.errors] == ["startAt"]


@pytest.mark.parametrize("facts", [{"deleted_at": START}, {"family_name": "", "given_name": ""}])
def test_a_lead_who_can_not_come_is_refused(practice: Practice, facts: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        book(practice, lead_of(practice, **facts))
    assert [name for name, _ in refused.value.errors] == ["leadId"]
    assert not Appointment.objects.exists()


def test_a_lead_of_another_practice_is_refused(practice: Practice, other_practice: Practice) -> None:
    with pytest.raises(Invalid, match="no such lead"):
        book(practice, lead_of(other_practice))


def test_booking_is_for_who_may_plan(practice: Practice, other_practice: Practice) -> None:
    wanted = Booking(lead=lead_of(practice), start_at=START)
    with pytest.raises(Refused):
        booking.book(practice.pk, wanted, Principal.worker(practice.pk, "w", frozenset({Permission.VIEW})), source="t")
    with pytest.raises(NotFound):
        booking.book(practice.pk, wanted, secretary(other_practice), source="t")


def test_it_is_on_record_without_a_name(practice: Practice) -> None:
    appointment = book(practice, modality="", station_title="")
    change(appointment, minutes=45)
    details = list(Event.objects.filter(action=Event.Action.SCHEDULE).order_by("pk").values_list("detail", flat=True))
    assert details == [f"appointment {appointment.pk} booked", f"appointment {appointment.pk} changed: minutes"]
