"""What may be corrected of a patient and of a study, by the names that forms and the REST API have for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from apps.core.errors import Invalid
from apps.dicom.typed import Unfit, element_of, name_text
from apps.dicom.values import Element
from apps.saying import Sentence, say

Typed = Mapping[str, str | Sequence[str]]

MOST_VALUES: Final = 20
SEXES: Final = {"F": say("Female"), "M": say("Male"), "O": say("Other"), "": say("Unknown")}


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute that may be corrected: its tag and VR, what people call it, whether it may be emptied."""

    tag: str
    vr: str
    label: Sentence
    is_required: bool = False
    has_several: bool = False


PATIENT: Final = {
    "patient_name": Field("00100010", "PN", say("Name"), is_required=True),
    "patient_id": Field("00100020", "LO", say("Patient ID"), is_required=True),
    "patient_id_issuer": Field("00100021", "LO", say("Issuer of Patient ID")),
    "patient_birth_date": Field("00100030", "DA", say("Birth date")),
    "patient_sex": Field("00100040", "CS", say("Sex")),
    "other_patient_ids": Field("00101000", "LO", say("Other Patient IDs"), has_several=True),
}
STUDY: Final = {
    "study_description": Field("00081030", "LO", say("Description")),
    "accession_number": Field("00080050", "SH", say("Accession number")),
    "study_date": Field("00080020", "DA", say("Study date")),
    "study_time": Field("00080030", "TM", say("Study time")),
    "referring_physician_name": Field("00080090", "PN", say("Referring physician")),
    "study_id": Field("00200010", "SH", say("Study ID")),
}
LABELS: Final = {field.tag: field.label for field in (*PATIENT.values(), *STUDY.values())}


def elements(typed: Typed, fields: Mapping[str, Field]) -> dict[str, Element]:
    """What was typed, by tag, as elements of DICOM JSON. Raises Invalid, which names the field by its label."""
    return {fields[name].tag: _element(fields[name], value) for name, value in typed.items()}


def complete(typed: Typed, fields: Mapping[str, Field]) -> dict[str, Element]:
    """The same, with nothing left out that is required. Raises Invalid."""
    missing = [field.label for name, field in fields.items() if field.is_required and name not in typed]
    if missing:
        raise Invalid(say("{label}: this is needed.", label=reduce(_both, missing)))
    return elements(typed, fields)


def text_of(element: Element | None) -> str:
    """An element's values as people read and type them, several with backslashes between them."""
    values = (element or {}).get("Value") or []
    return "\\".join(name_text(value) if isinstance(value, dict) else str(value or "") for value in values)


def texts_of(known: Mapping[str, Element], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values of these fields by their names: texts, or lists of them."""
    found = {name: text_of(known.get(field.tag)) for name, field in fields.items()}
    several = [name for name, field in fields.items() if field.has_several]
    return found | {name: [text for text in found[name].split("\\") if text] for name in several}


def _both(first: Sentence, second: Sentence) -> Sentence:
    return say("{first} and {second}", first=first, second=second)


def _element(field: Field, value: str | Sequence[str]) -> Element:
    try:
        element = element_of(field.vr, value) if isinstance(value, str) else _several(field, value)
    except Unfit as error:
        raise Invalid(say("{label}: {error}", label=field.label, error=error.args[0])) from error
    if field.is_required and "Value" not in element:
        raise Invalid(say("{label}: it can't be left empty.", label=field.label))
    if field.tag == "00100040" and text_of(element) not in SEXES:
        raise Invalid(say("{label}: M, F, O or nothing.", label=field.label))
    return element


def _several(field: Field, values: Sequence[str]) -> Element:
    if len(values) > MOST_VALUES:
        raise Invalid(say("{label}: {most} at most.", label=field.label, most=MOST_VALUES))
    found = [value for text in values for value in element_of(field.vr, text).get("Value", ())]
    return {"vr": field.vr, "Value": found} if found else {"vr": field.vr}
