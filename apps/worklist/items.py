"""A scheduled step as its answer to a worklist query: every attribute of PS3.4 Table K.6-1, in DICOM JSON."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from apps.dicom.values import Element
from apps.worklist.models.scheduled import ScheduledStep, StepState

Attributes = Mapping[str, Element]

STEP_SEQUENCE: Final = "00400100"
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
# Scheduled Procedure Step Status (0040,0020), PS3.3 C.4.10.
STATUSES: Final = {StepState.SCHEDULED: "SCHEDULED", StepState.IN_PROGRESS: "STARTED"}


def item_of(step: ScheduledStep) -> bytes:
    """The step's whole answer as DICOM JSON (PS3.18 F.2.2): its columns, and what `attributes` has besides.

    What is not known stands there empty, so that a query by it finds the step only where the key is universal.
    """
    known: dict[str, Any] = {**_EMPTY, **step.attributes, **_of_request(step)}
    inside = (step.attributes.get(STEP_SEQUENCE, {}).get("Value") or [{}])[0] or {}
    known[STEP_SEQUENCE] = {"vr": "SQ", "Value": [{**_EMPTY_STEP, **inside, **_of_step(step)}]}
    return orjson.dumps(known, option=orjson.OPT_SORT_KEYS)


def attributes_of(item: bytes | memoryview | str) -> dict[str, Element]:
    """The attributes of a ready-made answer."""
    attributes: dict[str, Element] = orjson.loads(item)
    return attributes


def _of_request(step: ScheduledStep) -> dict[str, Element]:
    """Of the patient, the imaging service request and the requested procedure."""
    return {
        "00080050": _text("SH", step.accession_number),
        "00080090": _name(step.referring_physician),
        "00100010": _name(step.patient_name),
        "00100020": _text("LO", step.patient_id),
        "00100021": _text("LO", step.issuer),
        "00100030": _text("DA", step.patient_birth_date),
        "00100040": _text("CS", step.patient_sex),
        "0020000D": _text("UI", step.study_instance_uid),
        "00321060": _text("LO", step.requested_description or step.description),
        "00401001": _text("SH", step.requested_procedure_id),
        "00401003": _text("SH", step.priority),
    }


def _of_step(step: ScheduledStep) -> dict[str, Element]:
    return {
        "00080060": _text("CS", step.modality),
        "00400001": _texts("AE", step.station_titles.split("\\")),
        "00400002": _text("DA", f"{step.start_date:%Y%m%d}"),
        "00400003": _text("TM", f"{step.start_time:%H%M%S}" if step.start_time else ""),
        "00400006": _name(step.performing_physician),
        "00400007": _text("LO", step.description),
        "00400009": _text("SH", step.step_id),
        "00400010": _text("SH", step.station_name),
        "00400011": _text("SH", step.location),
        "00400020": _text("CS", STATUSES.get(StepState(step.state), "")),
    }


def _text(vr: str, value: str) -> Element:
    return {"vr": vr, "Value": [value]} if value else {"vr": vr}


def _texts(vr: str, values: list[str]) -> Element:
    given = [value for value in values if value]
    return {"vr": vr, "Value": given} if given else {"vr": vr}


def _name(text: str) -> Element:
    groups = {name: group for name, group in zip(_GROUPS, text.split("="), strict=False) if group}
    return {"vr": "PN", "Value": [groups]} if groups else {"vr": "PN"}


def _empty(tags: str) -> dict[str, Element]:
    return {tag: {"vr": vr} for vr, tag in (each.split(":") for each in tags.split())}


# The table's optional attributes, which are answered empty where nothing is known.
_EMPTY: Final = _empty(
    "SQ:00081110 SQ:00081120 LO:00102000 LO:00102110 DS:00101030 US:001021C0 PN:00321032 SQ:00321064 LO:00380010"
    " LO:00380050 LO:00380300 LO:00380500 LO:00401004 LO:00403001"
)
_EMPTY_STEP: Final = _empty("LO:00321070 SQ:00400008 LO:00400012")
# All that there is to search by: the columns' attributes and these.
SUPPORTED: Final = frozenset(
    {"00080050", "00080090", "00100010", "00100020", "00100021", "00100030", "00100040", "0020000D", "00321060"}
    | {"00401001", "00401003", STEP_SEQUENCE, *_EMPTY}
)
STEP_SUPPORTED: Final = frozenset(
    {"00080060", "00400001", "00400002", "00400003", "00400006", "00400007", "00400009", "00400010", "00400011"}
    | {"00400020", *_EMPTY_STEP}
)
