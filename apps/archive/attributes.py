"""From an instance's header to the index: the columns that are searched, and the ready-made answers to searches.

Headers are DICOM JSON (PS3.18 Annex F). A ready-made answer (`found`) is the inside of a JSON object, without its
braces, so that the levels of an answer are joined and not built.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from apps.archive.models import TEXT_LENGTH
from apps.dicom.names import fold, name_keys

Attributes = Mapping[str, dict[str, Any]]

CHARACTER_SET: Final = "00080005"
INSTANCE_AVAILABILITY: Final = "00080056"
MODALITIES_IN_STUDY: Final = "00080061"
RETRIEVE_URL: Final = "00081190"
AVAILABLE_TRANSFER_SYNTAX: Final = "00083002"
STUDY_UID: Final = "0020000D"
SERIES_UID: Final = "0020000E"
SOP_UID: Final = "00080018"
STUDY_SERIES: Final = "00201206"
STUDY_INSTANCES: Final = "00201208"
SERIES_INSTANCES: Final = "00201209"
REQUEST_ATTRIBUTES: Final = "00400275"
# Stands in ready-made answers where the DICOMweb root is to be written: no text in JSON holds this byte.
ROOT: Final = b"\0"
_URL: Final = b'"00081190":{"Value":["'
# More items than these of a Request Attributes Sequence are not searched.
MAX_REQUESTS: Final = 20

# PS3.18 tables 10.6.3-3 to 10.6.3-5, and what viewers ask for besides: (tag, VR, whether it is there when empty).
STUDY_ANSWER: Final = (
    ("00080020", "DA", True),
    ("00080030", "TM", True),
    ("00080050", "SH", True),
    ("00080090", "PN", True),
    ("00080201", "SH", False),
    ("00081030", "LO", True),
    ("00100010", "PN", True),
    ("00100020", "LO", True),
    ("00100021", "LO", False),
    ("00100030", "DA", True),
    ("00100040", "CS", True),
    ("0020000D", "UI", True),
    ("00200010", "SH", True),
)
DEMOGRAPHICS: Final = tuple(entry for entry in STUDY_ANSWER if entry[0].startswith("0010"))
SERIES_ANSWER: Final = (
    ("00080021", "DA", False),
    ("00080031", "TM", False),
    ("00080060", "CS", True),
    ("00081010", "SH", False),
    ("0008103E", "LO", True),
    ("00180015", "CS", False),
    ("0020000E", "UI", True),
    ("00200011", "IS", True),
    ("00200060", "CS", False),
    ("00400244", "DA", False),
    ("00400245", "TM", False),
    ("00400275", "SQ", False),
)
INSTANCE_ANSWER: Final = (
    ("00080008", "CS", False),
    ("00080016", "UI", True),
    ("00080018", "UI", True),
    ("00080023", "DA", False),
    ("00080033", "TM", False),
    ("00200013", "IS", True),
    ("00280002", "US", False),
    ("00280004", "CS", False),
    ("00280008", "IS", False),
    ("00280010", "US", False),
    ("00280011", "US", False),
    ("00280100", "US", False),
    ("00280101", "US", False),
    (AVAILABLE_TRANSFER_SYNTAX, "UI", False),
)
_ACR_NEMA: Final = str.maketrans("", "", ".-/:")


def first(attributes: Attributes, tag: str) -> Any:
    """The attribute's first value, None where there is none."""
    values = attributes.get(tag, {}).get("Value")
    return values[0] if values else None


def text(attributes: Attributes, tag: str, length: int = TEXT_LENGTH) -> str:
    """The first value as the index keeps it: cut to what the column holds, without NUL, which PostgreSQL refuses."""
    value = first(attributes, tag)
    return "" if value is None else str(value).replace("\0", "").strip()[:length]


def date(attributes: Attributes, tag: str) -> str:
    """The first value as YYYYMMDD, whose punctuation of ACR-NEMA (1997.04.24) is left out (PS3.5 table 6.2-1)."""
    written = text(attributes, tag, 32)
    digits = written.translate(_ACR_NEMA)[:8]
    return digits if digits.isascii() and digits.isdecimal() else written[:16]


def time(attributes: Attributes, tag: str) -> str:
    """The first value as HHMMSS.FFFFFF, without the colons of ACR-NEMA."""
    return text(attributes, tag, 32).replace(":", "")


def name(attributes: Attributes, tag: str) -> str:
    """A person name as people read it: its alphabetic group, else the ideographic or phonetic one."""
    value = first(attributes, tag)
    groups = value if isinstance(value, dict) else {}
    shown = groups.get("Alphabetic") or groups.get("Ideographic") or groups.get("Phonetic") or ""
    return str(shown).replace("\0", "")[:TEXT_LENGTH]


def keys_of_name(attributes: Attributes, tag: str) -> tuple[str, str]:
    """The folded alphabetic group, and the other groups with a = before each."""
    value = first(attributes, tag)
    alphabetic, *others = name_keys(value if isinstance(value, dict) else {})
    joined = "".join(f"={other}" for other in others if other)
    return alphabetic.replace("\0", "")[:TEXT_LENGTH], joined.replace("\0", "")[:TEXT_LENGTH]


def integer(attributes: Attributes, tag: str, bits: int) -> int | None:
    """The first value as a whole number that fits in so many bits; None for anything else."""
    value = first(attributes, tag)
    try:
        number = int(value) if value is not None else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) < 1 << (bits - 1) else None


@dataclass(frozen=True, slots=True)
class PatientColumns:
    identity: str
    patient_id: str
    issuer: str
    name: str
    name_key: str
    birth_date: str
    sex: str


def identity_of(*told_apart_by: str) -> str:
    """The identity of a patient: issuer and Patient ID, or what else tells one from another."""
    return hashlib.sha256("\0".join(told_apart_by).encode()).hexdigest()


def patient_columns(attributes: Attributes) -> PatientColumns:
    """The patient of an instance. Without a Patient ID it is the name and birth date that tell patients apart."""
    patient_id, issuer = text(attributes, "00100020"), text(attributes, "00100021")
    birth_date = date(attributes, "00100030")[:8]
    key = keys_of_name(attributes, "00100010")[0]
    told_apart_by = (issuer, patient_id) if patient_id else ("", "", key, birth_date)
    identity = identity_of(*told_apart_by)
    shown = name(attributes, "00100010")
    return PatientColumns(identity, patient_id, issuer, shown, key, birth_date, text(attributes, "00100040", 16))


def demographics(attributes: Attributes) -> bytes:
    """What tells who a patient is, as it came: DICOM JSON."""
    return orjson.dumps(answer(attributes, DEMOGRAPHICS), option=orjson.OPT_SORT_KEYS)


def study_columns(attributes: Attributes) -> dict[str, str]:
    """The searched columns of a study, by name."""
    patient_key, other_keys = keys_of_name(attributes, "00100010")
    return {
        "study_id": text(attributes, "00200010"),
        "study_date": date(attributes, "00080020"),
        "study_time": time(attributes, "00080030"),
        "accession_number": text(attributes, "00080050"),
        "study_description": text(attributes, "00081030"),
        "study_description_key": fold(text(attributes, "00081030"))[:TEXT_LENGTH],
        "referring_physician_name": name(attributes, "00080090"),
        "referring_physician_key": "".join(keys_of_name(attributes, "00080090"))[:TEXT_LENGTH],
        "patient_name": name(attributes, "00100010"),
        "patient_name_key": patient_key,
        "patient_name_other_keys": other_keys,
        "patient_identifier": text(attributes, "00100020"),
        "patient_id_issuer": text(attributes, "00100021"),
        "patient_birth_date": date(attributes, "00100030"),
        "patient_sex": text(attributes, "00100040", 16),
    }


def series_columns(attributes: Attributes) -> dict[str, str | int | None]:
    """The searched columns of a series, by name."""
    return {
        "modality": text(attributes, "00080060", 32),
        "series_number": integer(attributes, "00200011", 32),
        "series_description": text(attributes, "0008103E"),
        "series_description_key": fold(text(attributes, "0008103E"))[:TEXT_LENGTH],
        "body_part_examined": text(attributes, "00180015", 64),
        "performed_start_date": date(attributes, "00400244"),
        "performed_start_time": time(attributes, "00400245"),
        "station_name": text(attributes, "00081010"),
    }


def answer(attributes: Attributes, tags: Iterable[tuple[str, str, bool]]) -> dict[str, Any]:
    """The part of a search's answer that these attributes give; those that must be there are there when empty."""
    return {
        tag: attributes.get(tag, {"vr": vr}) for tag, vr, always in tags if always or "Value" in attributes.get(tag, ())
    }


def request_columns(attributes: Attributes) -> list[tuple[str, str, str]]:
    """What is searched of each item of the Request Attributes Sequence, in the order of the columns there."""
    items = attributes.get(REQUEST_ATTRIBUTES, {}).get("Value") or []
    return [
        (text(item, "00400009"), text(item, "00401001"), text(item, "00080050"))
        for item in items[:MAX_REQUESTS]
        if item
    ]


def study_answer(attributes: Attributes) -> dict[str, Any]:
    """A study's answer, before its counts and modalities: PS3.18 table 10.6.3-3."""
    return _said(attributes, "studies") | answer(attributes, STUDY_ANSWER)


def series_answer(attributes: Attributes) -> dict[str, Any]:
    """A series' answer, before its count: PS3.18 table 10.6.3-4."""
    parent = {STUDY_UID: value("UI", text(attributes, STUDY_UID))}
    return _said(attributes, "studies", "series") | parent | answer(attributes, SERIES_ANSWER)


def instance_answer(attributes: Attributes) -> dict[str, Any]:
    """An instance's answer: PS3.18 table 10.6.3-5."""
    parents = {tag: value("UI", text(attributes, tag)) for tag in (STUDY_UID, SERIES_UID)}
    return _said(attributes, "studies", "series", "instances") | parents | answer(attributes, INSTANCE_ANSWER)


def _said(attributes: Attributes, *places: str) -> dict[str, Any]:
    """What is said of everything found: it can be had at once, and where, below the DICOMweb root."""
    uids = (text(attributes, tag) for tag in (STUDY_UID, SERIES_UID, SOP_UID))
    url = "".join(f"/{place}/{uid}" for place, uid in zip(places, uids, strict=False))
    return {
        CHARACTER_SET: value("CS", "ISO_IR 192"),
        INSTANCE_AVAILABILITY: value("CS", "ONLINE"),
        RETRIEVE_URL: value("UR", url),
    }


def filled_in(known: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """`known`, with the values of `later` where it had none: what came first stays."""
    return {tag: element for tag, element in later.items() if "Value" in element} | {
        tag: element for tag, element in known.items() if "Value" in element or "Value" not in later.get(tag, ())
    }


def value(vr: str, *values: Any) -> dict[str, Any]:
    """One attribute of DICOM JSON."""
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def pack(answer: Mapping[str, Any]) -> bytes:
    """A ready-made answer: the JSON object's inside, in the order of its tags, with `ROOT` before its address."""
    inside = orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)[1:-1]
    return inside.replace(_URL, _URL + ROOT, 1)


def unpack(found: bytes | memoryview) -> dict[str, Any]:
    """The dictionary behind a ready-made answer, its address below the DICOMweb root."""
    unpacked: dict[str, Any] = orjson.loads(b"{%b}" % bytes(found).replace(ROOT, b""))
    return unpacked
