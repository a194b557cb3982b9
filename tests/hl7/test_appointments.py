"""SIU by the hl7 package's client: appointments, and their steps."""

import pytest
from django.utils.timezone import localtime

from apps.accounts.models import Practice
from apps.practice.models import Appointment, AppointmentState
from apps.worklist.models import ScheduledStep, StepState
from tests.hl7.conftest import Desk
from tests.hl7.texts import appointment, code_of, message, order, said


def only(practice: Practice) -> Appointment:
    return Appointment.objects.select_related("lead", "step").get(practice=practice)


def test_an_appointment_is_booked_with_its_step(client_of_sender: Desk, practice: Practice) -> None:
    assert code_of(client_of_sender.send_message(appointment())) == "AA"
    booked = only(practice)
    assert f"{localtime(booked.start_at):%Y-%m-%d %H:%M}" == "2030-01-02 09:30"
    assert (booked.minutes, booked.practitioner, booked.location) == (30, "Doc, Dora", "Room 2")
    assert (booked.description, booked.modality, booked.station_title) == ("Panoramic X-ray", "PX", "PANORAMIC1")
    assert booked.lead.external_id == "P-1"
    assert booked.step is not None
    assert booked.step.patient_id == "P-1"


@pytest.mark.parametrize("event", ["S12", "S13", "S14"])
def test_an_appointment_is_moved(client_of_sender: Desk, practice: Practice, event: str) -> None:
    client_of_sender.send_message(appointment())
    moved = appointment(event, start="203001031000+0000", control_id="C-2")
    assert code_of(client_of_sender.send_message(moved)) == "AA"
    assert f"{only(practice).start_at:%Y-%m-%d %H:%M %Z}" == "2030-01-03 10:00 UTC"


@pytest.mark.parametrize(
    ("event", "state", "of_step"),
    [
        ("S15", AppointmentState.CANCELLED, StepState.CANCELLED),
        ("S26", AppointmentState.NO_SHOW, StepState.CANCELLED),
    ],
)
def test_an_appointment_ends_and_is_booked_again(
    client_of_sender: Desk, practice: Practice, event: str, state: str, of_step: str
) -> None:
    client_of_sender.send_message(appointment())
    for control_id in ("C-2", "C-3"):
        assert code_of(client_of_sender.send_message(appointment(event, control_id=control_id))) == "AA"
        assert only(practice).state == state
    step = only(practice).step
    assert step is not None
    assert step.state == of_step
    assert code_of(client_of_sender.send_message(appointment("S13", control_id="C-4"))) == "AA"
    assert only(practice).state == AppointmentState.BOOKED


def test_an_appointment_that_was_never_meant_is_deleted(client_of_sender: Desk) -> None:
    client_of_sender.send_message(appointment())
    assert code_of(client_of_sender.send_message(appointment("S17", control_id="C-2"))) == "AA"
    assert not Appointment.objects.exists()
    assert ScheduledStep.objects.get().state == StepState.CANCELLED


def test_the_calendars_status_moves_it_on(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(appointment())
    here = appointment("S14", control_id="C-2").replace("203001020930", "203001020930" + "|" * 14 + "Started")
    assert code_of(client_of_sender.send_message(here)) == "AA"
    assert only(practice).state == AppointmentState.ARRIVED


def test_an_appointment_for_an_order_has_the_orders_step(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(order())
    booked = appointment(control_id="C-2").replace("203001020930", "203001020930" + "|" * 15 + "O-1")
    assert code_of(client_of_sender.send_message(booked)) == "AA"
    step = ScheduledStep.objects.get(practice=practice)
    assert only(practice).step == step
    assert step.accession_number == "A-1"


@pytest.mark.parametrize(
    ("text", "condition", "place"),
    [
        (appointment("S15", "V-404"), "204", "SCH^1^2"),
        (appointment(start=""), "101", "SCH^1^11"),
        (appointment(start="20300102"), "102", "SCH^1^11"),
        (appointment(number=""), "101", "SCH^1^2"),
        (message("SIU^S12", "SCH||V-1|||||||30|min|^^^203001020930"), "100", "PID"),
        (message("SIU^S12", "PID|1||P-1||Doe^Jane"), "100", "SCH"),
        (appointment(start="185001010900"), "102", "SCH^1^11"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(client_of_sender: Desk, text: str, condition: str, place: str) -> None:
    (answer,) = said(client_of_sender.send_message(text))
    assert str(answer.segment("MSA")[1]) == "AE"
    assert str(answer.segment("ERR")[3]).startswith(f"{condition}^")
    assert str(answer.segment("ERR")[2]).startswith(place)
    assert not Appointment.objects.exists()
