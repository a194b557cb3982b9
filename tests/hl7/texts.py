"""Messages as senders write them, and what their answers say."""

from typing import Any

import hl7

MSH = "MSH|^~\\&|PMS|NORTH|FOVEA|North|20300102080000||{kind}|{control_id}|P|2.5.1|||{accept}|{applies}||{charset}"
PID = "PID|1||P-1^^^CLINIC^PI||Doe^Jane^Ann^^Dr||19800131|F|||1 Main St^^Montréal^QC^H1A 1A1^CA||(514) 555-0100"


def message(
    kind: str,
    *segments: str,
    control_id: str = "C-1",
    charset: str = "UNICODE UTF-8",
    accept: str = "",
    applies: str = "",
) -> str:
    """A message of the kind, such as ADT^A04, with a header like a practice's software writes it."""
    head = MSH.format(kind=kind, control_id=control_id, charset=charset, accept=accept, applies=applies)
    return "\r".join([head.rstrip("|"), *segments, ""])


def adt(event: str = "A04", pid: str = PID, **head: Any) -> str:
    return message(f"ADT^{event}", "EVN||20300102080000", pid, **head)


def order(control: str = "NW", number: str = "O-1", status: str = "", **head: Any) -> str:
    """An order for a panoramic X-ray, in the fields that IHE names."""
    return message(
        "ORM^O01",
        PID,
        "PV1|1|O||||||7^Doc^Dora",
        f"ORC|{control}|{number}|||{status}||1^^^203001020930^^S",
        f"OBR|1|{number}||PANO^Panoramic X-ray^L||||||||||||9^Ord^Ola||A-1|RP-1|S-1||||PX",
        "ZDS|1.2.826.0.1.3680043.8.498.77^^Application^DICOM",
        **head,
    )


def appointment(event: str = "S12", number: str = "V-1", start: str = "203001020930", **head: Any) -> str:
    return message(
        f"SIU^{event}",
        f"SCH||{number}|||||CHECK^Check-up||30|min|^^^{start}",
        PID,
        "AIS|1|A|PANO^Panoramic X-ray",
        "AIP|1|A|7^Doc^Dora",
        "AIL|1|A|NORTH^Room 2",
        **head,
    )


def said(answer: bytes) -> list[hl7.Message]:
    """The messages of an answer's frames, read by the hl7 package."""
    blocks = answer.decode().split("\x1c\r")
    assert blocks.pop() == ""
    assert all(block.startswith("\x0b") for block in blocks)
    return [hl7.parse(block[1:]) for block in blocks]


def code_of(answer: bytes) -> str:
    """MSA-1 of the only message."""
    (only,) = said(answer)
    return str(only.segment("MSA")[1])
