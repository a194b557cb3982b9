"""Worklist files as DICOM servers read them from a folder (.wl): a data set for each procedure, and its steps."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from apps.core.errors import Invalid
from apps.dicom.errors import Unreadable
from apps.dicom.filemeta import read_file_meta, starts_with_preamble
from apps.dicom.identifiers import LIMITS, decode
from apps.dicom.values import Element
from apps.dicom.warning import Warnings
from apps.saying import say
from apps.worklist.items import STEP_SEQUENCE
from apps.worklist.models.scheduled import Priority, Sex
from apps.worklist.predicates import text_of
from apps.worklist.tables import read_date, read_time
from apps.worklist.taking import Facts

EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
MOST_STEPS: Final = 20
_REQUEST: Final = {
    "00080050": "accession_number",
    "00080090": "referring_physician",
    "00100010": "patient_name",
    "00100020": "patient_id",
    "00100021": "issuer",
    "00100030": "patient_birth_date",
    "00100040": "patient_sex",
    "0020000D": "study_instance_uid",
    "00321060": "requested_description",
    "00401001": "requested_procedure_id",
    "00401003": "priority",
}
_STEP: Final = {
    "00080060": "modality",
    "00400001": "station_titles",
    "00400002": "start_date",
    "00400003": "start_time",
    "00400006": "performing_physician",
    "00400007": "description",
    "00400009": "step_id",
    "00400010": "station_name",
    "00400011": "location",
}
# What says how the file is written, and what this server says itself.
_DROPPED: Final = frozenset({"00080005", "00400020"})


def is_dicom(data: bytes) -> bool:
    """Whether a file is DICOM by its beginning: it has a preamble, or begins with a tag of a low group."""
    return starts_with_preamble(data) or data[:2] in (b"\x02\x00", b"\x08\x00", b"\x10\x00")


def steps(data: bytes) -> Iterator[Facts]:
    """What the file says of each of its steps, with File Meta Information (PS3.10 7.1) or without.

    Raises Invalid for what is no data set, and for one without a step, or with more than 20.
    """
    known = _data_set(data)
    items = known.get(STEP_SEQUENCE, {}).get("Value") or []
    if not 0 < len(items) <= MOST_STEPS:
        raise Invalid(
            say(
                "It has {count} steps in its Scheduled Procedure Step Sequence, not 1 to {most_steps}.",
                count=len(items),
                most_steps=MOST_STEPS,
            )
        )
    for item in items:
        yield _facts(known, item or {})


def _data_set(data: bytes) -> dict[str, Element]:
    try:
        if not starts_with_preamble(data):
            return decode(data, EXPLICIT_LITTLE)
        meta = read_file_meta(data, LIMITS, Warnings())
        return decode(data[meta.end :], meta.transfer_syntax_uid or EXPLICIT_LITTLE)
    except Unreadable as error:
        raise Invalid(say("It is no DICOM worklist file that can be read.")) from error


def _facts(known: Mapping[str, Element], item: Mapping[str, Element]) -> Facts:
    facts: dict[str, Any] = {**_columns(known, _REQUEST), **_columns(item, _STEP)}
    facts |= _checked(facts)
    rest = {tag: element for tag, element in known.items() if tag not in {*_REQUEST, *_DROPPED, STEP_SEQUENCE}}
    inside = {tag: element for tag, element in item.items() if tag not in {*_STEP, *_DROPPED}}
    if inside:
        rest[STEP_SEQUENCE] = {"vr": "SQ", "Value": [inside]}
    return facts | {"attributes": rest}


def _columns(attributes: Mapping[str, Element], names: Mapping[str, str]) -> dict[str, str]:
    """The texts of the attributes that have a column and a value."""
    texts = {name: "\\".join(map(text_of, attributes.get(tag, {}).get("Value") or ())) for tag, name in names.items()}
    return {name: text for name, text in texts.items() if text}


def _checked(facts: Mapping[str, str]) -> dict[str, Any]:
    """Dates and times as such, and codes that this server has. Raises Invalid for a date or time that is none."""
    read: dict[str, Any] = {}
    try:
        if "start_date" in facts:
            read["start_date"] = read_date(facts["start_date"])
        if "start_time" in facts:
            read["start_time"] = read_time(re.sub(r"\..*", "", facts["start_time"]).ljust(4, "0"))
    except ValueError as error:
        raise Invalid(say("Its start date or start time can't be read.")) from error
    if facts.get("priority") not in {None, *Priority.values}:
        read["priority"] = Priority.ROUTINE
    if facts.get("patient_sex") not in {None, *Sex.values}:
        read["patient_sex"] = Sex.OTHER
    return read
