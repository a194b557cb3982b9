"""What may be corrected of a patient and of a study, by the names that forms and the REST API have for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.core.errors import Invalid
from apps.dicom.typed import Unfit, element_of, name_text
from apps.dicom.values import Element

Typed = Mapping[str, str | Sequence[str]]

MOST_VALUES: Final = 20
SEXES: Final = {"F": "Female", "M": "Male", "O": "Other", "": "Unknown"}


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute that may be corrected: its tag and VR, what people call it, whether it may be emptied."""

    tag: str
    vr: str
    label: str
    is_required: bool = False
    has_several: bool = False


PATIENT: Final = {
    "patient_name": Field("00100010", "PN", "Name", is_required=True),
    "patient_id": Field("00100020", "LO", "Patient ID", is_required=True),
    "patient_id_issuer": Field("00100021", "LO", "Issuer of Patient ID"),
    "patient_birth_date": Field("00100030", "DA", "Birth date"),
    "patient_sex": Field("00100040", "CS", "Sex"),
    "other_patient_ids": Field("00101000", "LO", "Other Patient IDs", has_several=True),
}
STUDY: Final = {
    "study_description": Field("00081030", "LO", "Description"),
    "accession_number": Field("00080050", "SH", "Accession number"),
    "study_date": Field("00080020", "DA", "Study date"),
    "study_time": Field("00080030", "TM", "Study time"),
    "referring_physician_name": Field("00080090", "PN", "Referring physician"),
    "study_id": Field("00200010", "SH", "Study ID"),
}
LABELS: Final = {field.tag: field.label for field in (*PATIENT.values(), *STUDY.values())}


def elements(typed: Typed, fields: Mapping[str, Field]) -> dict[str, Element]:
    """What was typed, by tag, as elements of DICOM JSON. Raises Invalid, which names the field by its label."""
    return {fields[name].tag: _element(fields[name], value) for name, value in typed.items()}


def complete(typed: Typed, fields: Mapping[str, Field]) -> dict[str, Element]:
    """The same, with nothing left out that is required. Raises Invalid."""
    missing = [field.label for name, field in fields.items() if field.is_required and name not in typed]
    if missing:
        raise Invalid(f"{' and '.join(missing)}: this is needed.")
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


def _element(field: Field, value: str | Sequence[str]) -> Element:
    try:
        element = element_of(field.vr, value) if isinstance(value, str) else _several(field, value)
    except Unfit as error:
        raise Invalid(f"{field.label}: {error}") from error
    if field.is_required and "Value" not in element:
        raise Invalid(f"{field.label}: it can't be left empty.")
    if field.tag == "00100040" and text_of(element) not in SEXES:
        raise Invalid(f"{field.label}: M, F, O or nothing.")
    return element


def _several(field: Field, values: Sequence[str]) -> Element:
    if len(values) > MOST_VALUES:
        raise Invalid(f"{field.label}: {MOST_VALUES} at most.")
    found = [value for text in values for value in element_of(field.vr, text).get("Value", ())]
    return {"vr": field.vr, "Value": found} if found else {"vr": field.vr}
