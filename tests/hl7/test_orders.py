"""Orders by the hl7 package's client: steps of the worklist."""

import pytest
from django.utils import timezone

from apps.accounts.models import Practice
from apps.practice.models import Lead
from apps.remotes.models import Remote
from apps.worklist.models import ScheduledStep, StepState
from tests.hl7.conftest import Desk
from tests.hl7.texts import PID, code_of, message, order, said


def step_of(practice: Practice) -> ScheduledStep:
    return ScheduledStep.objects.get(practice=practice)


def test_an_order_is_on_the_worklist_and_its_patient_a_lead(client_of_sender: Desk, practice: Practice) -> None:
    assert code_of(client_of_sender.send_message(order())) == "AA"
    step = step_of(practice)
    assert (step.modality, step.station_titles) == ("PX", "PANORAMIC1")
    assert (step.patient_id, step.patient_name) == ("P-1", "Doe^Jane^Ann^Dr")
    assert (step.accession_number, step.requested_procedure_id, step.step_id) == ("A-1", "RP-1", "S-1")
    assert step.study_instance_uid == "1.2.826.0.1.3680043.8.498.77"
    assert f"{step.start_date} {step.start_time}" == "2030-01-02 09:30:00"
    assert (step.priority, step.referring_physician) == ("STAT", "Ord^Ola")
    assert step.description == "Panoramic X-ray"
    assert (step.external_id, step.source) == ("O-1", "HL7 Practice software")
    assert Lead.objects.get(practice=practice).external_id == "P-1"


def test_an_order_changes_and_ends(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(order())
    changed = order("XO", control_id="C-2").replace("203001020930", "203001031015")
    assert code_of(client_of_sender.send_message(changed)) == "AA"
    assert f"{step_of(practice).start_date} {step_of(practice).start_time}" == "2030-01-03 10:15:00"
    cancelled = message("ORM^O01", PID, "ORC|CA|O-1", control_id="C-3")
    assert code_of(client_of_sender.send_message(cancelled)) == "AA"
    assert step_of(practice).state == StepState.CANCELLED
    again = cancelled.replace("C-3", "C-4")
    assert code_of(client_of_sender.send_message(again)) == "AA"
    assert code_of(client_of_sender.send_message(order(control_id="C-5"))) == "AA"
    assert step_of(practice).state == StepState.SCHEDULED


def test_news_of_an_order_is_followed(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(order())
    for number, (status, state) in enumerate((("IP", StepState.IN_PROGRESS), ("CM", StepState.COMPLETED))):
        news = message("ORM^O01", f"ORC|SC|O-1|||{status}", control_id=f"N-{number}")
        assert code_of(client_of_sender.send_message(news)) == "AA"
        assert step_of(practice).state == state
    (answer,) = said(client_of_sender.send_message(order("XO", control_id="C-9").replace("20300102", "20300104")))
    assert str(answer.segment("MSA")[1]) == "AE"
    assert "begun or ended" in str(answer.segment("MSA")[3])


def test_an_imaging_order_has_a_step_for_each_procedure(client_of_sender: Desk, practice: Practice) -> None:
    omi = message(
        "OMI^O23^OMI_O23", PID, "ORC|NW|O-7", "TQ1|1|||||20^min|20300102113000||A", "OBR|1|O-7||CT3D^Cone beam CT^L",
        "IPC|A-7|RP-7|1.2.3.4.7|S-7|CT|P1^Jaw^L|CBCT1|ROOM 3|CBCT_AE",
        "IPC|A-7|RP-7|1.2.3.4.7|S-8|PX",
    )  # fmt: skip
    assert code_of(client_of_sender.send_message(omi)) == "AA"
    first, second = ScheduledStep.objects.filter(practice=practice).order_by("external_id")
    assert (first.external_id, first.step_id, first.modality) == ("O-7", "S-7", "CT")
    assert (first.station_titles, first.station_name, first.location) == ("CBCT_AE", "CBCT1", "ROOM 3")
    assert (first.minutes, first.priority, first.description) == (20, "HIGH", "Jaw")
    assert (second.external_id, second.step_id, second.modality) == ("O-7#2", "S-8", "PX")
    client_of_sender.send_message(message("OMI^O23", PID, "ORC|CA|O-7", control_id="C-2"))
    assert set(ScheduledStep.objects.values_list("state", flat=True)) == {StepState.CANCELLED}


def test_a_general_order_of_today_goes_to_the_device_it_names(client_of_sender: Desk, practice: Practice) -> None:
    Remote.objects.create(practice=practice, name="Intraoral", title="IO_ROOM_1", networks="10.0.0.1")
    omg = message("OMG^O19", PID, "ORC|NW||F-1" + "|" * 15 + "IO_ROOM_1", "OBR|1||F-1|IO^Bitewing")
    assert code_of(client_of_sender.send_message(omg)) == "AA"
    step = step_of(practice)
    assert (step.external_id, step.modality, step.station_titles) == ("F-1", "IO", "IO_ROOM_1")
    assert (step.start_date, step.start_time) == (timezone.localdate(), None)


@pytest.mark.parametrize(
    ("text", "code", "condition", "place"),
    [
        (order().replace("|||PX", "").replace("PANO^", "NAIL^"), "AE", "101", "OBR^1^24"),
        (order().replace("ORC|NW|O-1", "ORC|NW|").replace("OBR|1|O-1", "OBR|1|"), "AE", "101", "ORC^1^2"),
        (order("QQ"), "AE", "103", "ORC^1^1"),
        (order("CA", "O-404"), "AE", "204", "ORC^1^2"),
        (message("ORM^O01", PID, "ORC|NW|O-1"), "AE", "100", "ORC"),
        (message("ORM^O01", PID), "AE", "100", "ORC"),
        (message("ORM^O01", "ORC|NW|O-1", "OBR|1|O-1||PANO"), "AE", "100", "PID"),
        (order().replace("203001020930", "20301302"), "AE", "102", "ORC^1^7^1^4"),
        (order().replace("A-1", "A-" + "1" * 20), "AE", "102", "OBR"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    client_of_sender: Desk, text: str, code: str, condition: str, place: str
) -> None:
    (answer,) = said(client_of_sender.send_message(text))
    assert str(answer.segment("MSA")[1]) == code
    assert str(answer.segment("ERR")[3]).startswith(f"{condition}^")
    assert str(answer.segment("ERR")[2]).startswith(place)
    assert not ScheduledStep.objects.exists()
    assert not Lead.objects.exists()


def test_of_two_orders_both_are_taken_or_neither(client_of_sender: Desk, practice: Practice) -> None:
    both = order() + "ORC|NW|O-2\rOBR|1|O-2||NAIL^No modality\r"
    assert code_of(client_of_sender.send_message(both)) == "AE"
    assert not ScheduledStep.objects.exists()
    both = order(control_id="C-2") + "ORC|NW|O-2\rOBR|1|O-2||CT3D^Jaw\r"
    assert code_of(client_of_sender.send_message(both)) == "AA"
    assert set(ScheduledStep.objects.values_list("external_id", flat=True)) == {"O-1", "O-2"}
