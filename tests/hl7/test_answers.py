"""Acknowledgements: which, when, and what is not done twice."""

from typing import Any

import pytest
from django.db import OperationalError

from apps.accounts.models import Practice
from apps.hl7 import directory
from apps.hl7.acting import patients
from apps.hl7.models import Message, MessageState, Sender
from apps.hl7.v2.answering import Verdict, codes
from apps.hl7.v2.faults import Condition
from apps.hl7.v2.head import Head
from apps.practice.models import Lead
from tests.hl7.conftest import Desk
from tests.hl7.texts import adt, code_of, message, order, said


def test_an_answer_is_addressed_and_written_as_the_message(client_of_sender: Desk) -> None:
    text = adt(charset="8859/1").replace("|2.5.1|", "|2.3.1|").encode("latin-1")
    answer = client_of_sender.send_message(text)
    (read,) = said(answer)
    msh = read.segment("MSH")
    assert [str(msh[field]) for field in (3, 4, 5, 6)] == ["FOVEA", "North", "PMS", "NORTH"]
    assert [str(msh[field]) for field in (9, 11, 12, 18)] == ["ACK^A04^ACK", "P", "2.3.1", "8859/1"]
    assert str(read.segment("MSA")) == "MSA|AA|C-1"


def test_an_answer_has_the_messages_delimiters(client_of_sender: Desk) -> None:
    text = "MSH*:?!%*PMS*NORTH***2030**ADT:A04*C:1*P*2.5.1\rPID***P-1**Doe:Jane\r"
    answer = client_of_sender.send_message(text)
    assert b"\rMSA*AA*C\r" in answer
    assert answer.startswith(b"\x0bMSH*:?!%*FOVEA")


def test_errors_stand_where_each_version_has_them(client_of_sender: Desk) -> None:
    old = adt(pid="PID|1||||Doe").replace("|2.5.1|", "|2.3|")
    (answer,) = said(client_of_sender.send_message(old))
    assert str(answer.segment("ERR")).startswith("ERR|PID^1^3^101&Required field missing&HL70357")
    (answer,) = said(client_of_sender.send_message(old.replace("|2.3|", "|2.6|").replace("C-1", "C-2")))
    assert (
        str(answer.segment("ERR")) == "ERR||PID^1^3^1|101^Required field missing^HL70357|E||||There is no patient ID."
    )


@pytest.mark.parametrize(
    ("accept", "applies", "good", "bad", "rejected"),
    [
        ("", "", ["AA"], ["AE"], ["AR"]),
        ("AL", "NE", ["CA"], ["CE"], ["CR"]),
        ("AL", "AL", ["CA", "AA"], ["CA", "AE"], ["CR", "AR"]),
        ("NE", "AL", ["AA"], ["AE"], ["AR"]),
        ("NE", "ER", [], ["AE"], ["AR"]),
        ("ER", "NE", [], ["CE"], ["CR"]),
        ("SU", "SU", ["CA", "AA"], [], []),
        ("AL", "", ["CA"], ["CE"], ["CR"]),
    ],
)
def test_the_enhanced_mode_gets_what_it_asks_for(
    accept: str, applies: str, good: list[str], bad: list[str], rejected: list[str]
) -> None:
    head = Head(accept=accept, applies=applies)
    assert list(codes(head, Verdict())) == good
    assert list(codes(head, Verdict(Condition.DATA_TYPE))) == bad
    assert list(codes(head, Verdict(Condition.MESSAGE_TYPE, is_rejection=True))) == rejected


def test_two_acknowledgements_are_two_messages(client_of_sender: Desk) -> None:
    accepted, applied = said(client_of_sender.send_message(adt(accept="AL", applies="AL")))
    assert str(accepted.segment("MSA")) == "MSA|CA|C-1"
    assert str(applied.segment("MSA")) == "MSA|AA|C-1"
    assert str(accepted.segment("MSH")[10]) != str(applied.segment("MSH")[10])


def test_the_same_again_does_nothing_and_is_answered_the_same(client_of_sender: Desk, practice: Practice) -> None:
    assert code_of(client_of_sender.send_message(adt())) == "AA"
    Lead.objects.filter(practice=practice).update(family_name="Corrected")
    repeated = adt().replace("20300102080000", "20300102080500", 1)
    assert code_of(client_of_sender.send_message(repeated)) == "AA"
    assert Lead.objects.get(practice=practice).family_name == "Corrected"
    assert Message.objects.get().attempts == 2


def test_another_message_of_a_used_control_id_is_not_lost(client_of_sender: Desk, practice: Practice) -> None:
    client_of_sender.send_message(adt())
    assert code_of(client_of_sender.send_message(adt(pid="PID|1||P-2||Roe^Rita"))) == "AA"
    assert Lead.objects.filter(practice=practice).count() == 2


def test_what_was_refused_is_tried_again_when_it_comes_again(client_of_sender: Desk, sender: Sender) -> None:
    text = order().replace("|||PX", "").replace("PANO^", "NAIL^")
    assert code_of(client_of_sender.send_message(text)) == "AE"
    Sender.objects.filter(pk=sender.pk).update(procedures="NAIL IO")
    directory.forget_all()
    assert code_of(client_of_sender.send_message(text)) == "AA"
    kept = Message.objects.get()
    assert (kept.state, kept.attempts, kept.content) == (MessageState.TAKEN, 2, "")


def test_the_content_of_what_was_refused_is_kept_sealed(client_of_sender: Desk) -> None:
    client_of_sender.send_message(adt(pid="PID|1||||Doe^Jane"))
    kept = Message.objects.get()
    assert (kept.state, kept.answer, kept.condition, kept.place) == (MessageState.REFUSED, "AE", 101, "PID-3")
    assert kept.content
    assert "Doe" not in kept.content


@pytest.mark.parametrize(
    ("text", "code", "condition"),
    [
        (message("MDM^T02"), "AR", "200"),
        (adt("A60"), "AR", "201"),
        (adt().replace("|P|2", "|T|2"), "AR", "202"),
        (adt().replace("|2.5.1|", "|3.0|"), "AR", "203"),
        (adt(control_id=""), "AE", "101"),
        (adt(charset="UNICODE UTF-16"), "AE", "103"),
        (adt().encode("latin-1"), "AE", "102"),
        (adt() + "no segment\r", "AE", "100"),
        (adt() + "ZZZ|1\r" * 3000, "AR", "100"),
        ("MSH|^~\\&|PMS|NORTH|||2030||ADT^A04|C-1|P|2.5.1\rPID|1||P-1", "AE", "102"),
    ],
)
def test_refusals(client_of_sender: Desk, text: str | bytes, code: str, condition: str) -> None:
    (answer,) = said(client_of_sender.send_message(text))
    assert str(answer.segment("MSA")[1]) == code
    assert str(answer.segment("ERR")[3]).startswith(f"{condition}^")
    assert not Lead.objects.exists()


@pytest.mark.parametrize("data", [b"", b"hello", b"FHS|^~\\&|batch", b"MSH", b"\xff" * 200])
def test_what_is_no_message_is_answered_all_the_same(client_of_sender: Desk, data: bytes) -> None:
    (answer,) = said(client_of_sender.send_message(data))
    assert str(answer.segment("MSA")[1]) == "AR"


def test_a_sender_may_be_spared_what_is_of_no_use_here(client_of_sender: Desk, sender: Sender) -> None:
    Sender.objects.filter(pk=sender.pk).update(passes_over=True)
    directory.forget_all()
    assert code_of(client_of_sender.send_message(adt("A60"))) == "AA"
    assert Message.objects.get().state == MessageState.PASSED


def test_a_failure_of_the_servers_own_asks_for_another_try(
    client_of_sender: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("disk I/O error, Doe^Jane")

    with monkeypatch.context() as patched:
        patched.setattr(patients.people, "taken", fail)
        answer = client_of_sender.send_message(adt())
    assert code_of(answer) == "AR"
    assert b"Doe" not in answer
    assert Message.objects.get().state == MessageState.FAILED
    assert code_of(client_of_sender.send_message(adt())) == "AA"


def test_another_practices_patient_is_not_touched(
    client_of_sender: Desk, practice: Practice, other_practice: Practice
) -> None:
    theirs = Lead.objects.create(practice=other_practice, external_id="P-1", family_name="Theirs")
    assert code_of(client_of_sender.send_message(adt())) == "AA"
    theirs.refresh_from_db()
    assert theirs.family_name == "Theirs"
    assert Lead.objects.get(practice=practice).family_name == "Doe"
