"""ADT by the hl7 package's client: people of the sender's messages are the practice's leads."""

from datetime import date

import pytest
from django.utils import timezone

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.hl7 import directory
from apps.hl7.models import Sender
from apps.practice.models import Appointment, Lead
from tests.hl7.conftest import Desk
from tests.hl7.texts import PID, adt, appointment, code_of, message, said


@pytest.mark.parametrize("event", ["A01", "A04", "A08", "A28", "A31"])
def test_a_person_becomes_a_lead(client_of_sender: Desk, practice: Practice, event: str) -> None:
    assert code_of(client_of_sender.send_message(adt(event))) == "AA"
    lead = Lead.objects.get(practice=practice)
    assert (lead.family_name, lead.given_name, lead.middle_name, lead.prefix) == ("Doe", "Jane", "Ann", "Dr")
    assert (lead.external_id, lead.birth_date, lead.sex) == ("P-1", date(1980, 1, 31), "F")
    assert lead.phones == ["5145550100"]
    assert lead.addresses[0]["city"] == "Montréal"
    assert lead.source == "HL7 Practice software"
    assert lead.status == ("patient" if event in ("A01", "A04") else "lead")


def test_what_a_message_leaves_out_stays_and_what_it_empties_goes(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(adt())
    update = 'PID|1||P-1^^^CLINIC^PI||Doe-Roe^Jane||||||""||+1 514 555 0199~^NET^Internet^jane@example.org~N/A'
    assert code_of(client_of_sender.send_message(adt("A08", update, control_id="C-2"))) == "AA"
    lead = Lead.objects.get(practice=practice)
    assert (lead.family_name, lead.birth_date, lead.sex) == ("Doe-Roe", date(1980, 1, 31), "F")
    assert (lead.phones, lead.emails, lead.addresses) == (["+15145550199"], ["jane@example.org"], [])


def test_other_names_and_numbers_are_kept(client_of_sender: Desk, practice: Practice) -> None:
    pid = (
        "PID|1||P-9^^^CLINIC^PI~DOEJ80513119^^^RAMQ^JHN~77^^^OLD^XX||"
        "Wang^Xiaodong^^^^^L^A~王^小东^^^^^L^I~Li^Xiaodong^^^^^M||19800131|O"
    )
    assert code_of(client_of_sender.send_message(adt("A28", pid))) == "AA"
    lead = Lead.objects.get(practice=practice)
    assert (lead.health_number, lead.health_number_system) == ("DOEJ80513119", "RAMQ")
    assert lead.identifiers == [{"value": "77", "issuer": "OLD"}]
    assert lead.dicom_name == "Wang^Xiaodong=王^小东"
    assert {"family": "Li", "given": "Xiaodong", "use": "maiden"} in lead.other_names


def test_a_year_of_birth_is_no_birth_date(client_of_sender: Desk, practice: Practice) -> None:
    assert code_of(client_of_sender.send_message(adt("A28", "PID|1||P-1||Doe^Jane||1980|U"))) == "AA"
    lead = Lead.objects.get(practice=practice)
    assert (lead.birth_date, lead.sex) == (None, "")


def test_ids_of_another_authority_are_refused(client_of_sender: Desk, sender: Sender, practice: Practice) -> None:
    Sender.objects.filter(pk=sender.pk).update(authority="CLINIC")
    client = client_of_sender
    directory.forget_all()
    pid = "PID|1||77^^^OLD^PI~P-5^^^CLINIC||Doe^Jane"
    assert code_of(client.send_message(adt("A28", pid))) == "AA"
    assert Lead.objects.get(practice=practice).external_id == "P-5"
    (answer,) = said(client.send_message(adt("A28", "PID|1||77^^^OLD^PI||Doe^Jane", control_id="C-2")))
    assert str(answer.segment("MSA")[1]) == "AE"
    assert str(answer.segment("ERR")[2]) == "PID^1^3^1^4"
    assert "CLINIC" in str(answer.segment("ERR")[8])


def merge(old: str = "P-0", new: str = "P-1", control_id: str = "M-1") -> str:
    pid = PID.replace("P-1^", f"{new}^")
    return message("ADT^A40", "EVN||2030", pid, f"MRG|{old}^^^CLINIC^PI", control_id=control_id)


def test_two_people_that_are_one_are_merged(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(adt())
    old = appointment(number="V-0", control_id="C-2").replace("P-1^", "P-0^")
    assert code_of(client_of_sender.send_message(old)) == "AA"
    assert code_of(client_of_sender.send_message(merge())) == "AA"
    lead = Lead.objects.alive().get(practice=practice)
    assert lead.external_id == "P-1"
    assert {"value": "P-0", "issuer": ""} in lead.identifiers
    assert Lead.objects.get(practice=practice, external_id="P-0").deleted_at
    booked = Appointment.objects.get(practice=practice)
    assert booked.lead == lead
    assert booked.step is not None
    assert booked.step.patient_id == "P-1"


def test_a_new_id_of_a_known_person_is_taken_over(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(adt())
    assert code_of(client_of_sender.send_message(merge(old="P-1", new="P-2"))) == "AA"
    lead = Lead.objects.get(practice=practice)
    assert lead.external_id == "P-2"
    assert {"value": "P-1", "issuer": ""} in lead.identifiers


def test_the_record_names_the_sender_and_no_patient(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(adt())
    event = Event.objects.filter(practice=practice, action=Event.Action.LEAD).latest("pk")
    assert (event.actor, event.via, event.address) == ("Practice software", "HL7", "127.0.0.1")
    assert "Doe" not in event.detail
    assert event.at <= timezone.now()


@pytest.mark.parametrize(
    ("pid", "place"),
    [
        ("PID|1||||Doe^Jane", "PID^1^3"),
        ("PID|1||P-1", "PID^1^5"),
        ("PID|1||P-1||Doe^Jane||19801399", "PID^1^7"),
        (f"PID|1||P-1||{'x' * 80}^Jane", "PID^1^5"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(client_of_sender: Desk, pid: str, place: str) -> None:
    (answer,) = said(client_of_sender.send_message(adt(pid=pid)))
    assert str(answer.segment("MSA")[1]) == "AE"
    assert str(answer.segment("ERR")[2]).startswith(place)
    assert not Lead.objects.exists()
