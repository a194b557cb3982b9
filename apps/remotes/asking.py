"""What is asked of a remote: a few keys that people know, and the matching that DICOM makes of them (PS3.4 C.2.2.2)."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from apps.core.errors import Invalid
from apps.dicom.uids import is_valid_uid
from apps.saying import say

# What an answer has besides the keys (PS3.4 tables C.6-2 and C.6-5), by their tags and VRs.
STUDY_ANSWER: Final = {
    "00080020": "DA",
    "00080030": "TM",
    "00080050": "SH",
    "00080061": "CS",
    "00081030": "LO",
    "00100010": "PN",
    "00100020": "LO",
    "00100030": "DA",
    "00100040": "CS",
    "0020000D": "UI",
    "00201206": "IS",
    "00201208": "IS",
}
_WILD: Final = ("*", "?")


@dataclass(frozen=True, slots=True)
class Query:
    """Which studies are looked for; what is left empty matches all. Dates are inclusive.

    A name is matched from its beginning, `Doe` or `Doe, Jane`, unless it has wildcards (`*`, `?`) of its own.
    """

    patient_name: str = ""
    patient_id: str = ""
    birth_date: date | None = None
    study_date_from: date | None = None
    study_date_to: date | None = None
    modality: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""

    def check(self) -> None:
        """Raises Invalid for a query that would find everything, or that can't be one."""
        if not any(getattr(self, field.name) for field in fields(self)):
            raise Invalid(
                say("Say what you look for: at least one of name, ID, dates, modality, accession number, UID.")
            )
        if self.study_instance_uid and not is_valid_uid(self.study_instance_uid):
            raise Invalid(say("A Study Instance UID has digits and dots, and at most 64 of them."))
        if self.study_date_from and self.study_date_to and self.study_date_from > self.study_date_to:
            raise Invalid(say("The first study date comes after the last."))
        texts = (self.patient_name, self.patient_id, self.modality, self.accession_number)
        if any("\\" in text or not text.isprintable() for text in texts):
            raise Invalid(say("A backslash or a control character can't be looked for."))


def keys_of(query: Query) -> dict[str, str]:
    """The matching keys by their tags, each as DICOM writes it."""
    keys = {
        "00100010": _name(query.patient_name),
        "00100020": query.patient_id.strip(),
        "00100030": _date(query.birth_date),
        "00080020": _range(query.study_date_from, query.study_date_to),
        "00080061": query.modality.strip().upper(),
        "00080050": query.accession_number.strip(),
        "0020000D": query.study_instance_uid,
    }
    return {tag: value for tag, value in keys.items() if value}


def identifier_of(query: Query) -> dict[str, dict[str, Any]]:
    """The identifier of a C-FIND at the STUDY level (PS3.4 C.6.2.1), in the DICOM JSON model."""
    identifier: dict[str, dict[str, Any]] = {tag: {"vr": vr} for tag, vr in STUDY_ANSWER.items()}
    for tag, key in keys_of(query).items():
        vr = STUDY_ANSWER[tag]
        identifier[tag] = {"vr": vr, "Value": [{"Alphabetic": key} if vr == "PN" else key]}
    return identifier | {"00080052": {"vr": "CS", "Value": ["STUDY"]}}


def _name(typed: str) -> str:
    """`Doe, Jane` as `Doe*^Jane*`: most archives compare names from their beginning to their end."""
    parts = [part.strip() for part in typed.replace(",", "^").split("^")]
    if not any(parts):
        return ""
    if any(sign in typed for sign in _WILD):
        return "^".join(parts)
    return "^".join(f"{part}*" for part in parts)


def _date(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def _range(first: date | None, last: date | None) -> str:
    if not (first or last):
        return ""
    return _date(first) if first == last else f"{_date(first)}-{_date(last)}"
