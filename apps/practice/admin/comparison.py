"""The images' patient and the leads side by side: what each says, and how far that agrees."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.archive import attributes as index
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import dicom_date
from apps.dicom.spoken import unturned
from apps.practice.linking import persons
from apps.practice.models import Candidate, Lead, Match

SEXES: Final = {"F": "Female", "M": "Male", "O": "Other"}
# What a level comes to for somebody who reads: a class, a sign and a word, so that no colour is needed.
_SAME: Final = ("same", "=", "same")
_NEAR: Final = ("near", "≈", "similar")
_OTHER: Final = ("other", "≠", "differs")
_MARKS: Final = {"exact": _SAME, "different": _OTHER, "other": _OTHER, "neighbour": _OTHER}
MOST_TEXTS: Final = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """What a lead says in one field, and how far it agrees with the images; no mark where one side says nothing."""

    texts: tuple[str, ...]
    kind: str = ""
    sign: str = ""
    word: str = ""
    bits: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of everybody."""

    label: str
    shown: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A lead to choose, with the key of the keyboard that chooses it."""

    number: int
    lead: Lead
    probability: float | None
    score: float | None
    notes: tuple[str, ...]
    is_doubtful: bool

    @property
    def chance(self) -> str:
        """The probability as people say it: never quite certain, never quite impossible."""
        if self.probability is None:
            return ""
        percent = 100 * self.probability
        if percent > 99.9:
            return "over 99.9 %"
        return f"{percent:.1f} %" if percent >= 0.1 else "under 0.1 %"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that stands side by side."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def compared(match: Match, candidates: Sequence[Candidate]) -> Comparison:
    """The study beside its candidates; beside the lead that it is linked to, where it is."""
    if match.lead is not None:
        said = [(match.lead, match.explanation)]
        columns = [Column(1, match.lead, match.probability, match.score, tuple(match.notes), bool(match.notes))]
    else:
        said = [(each.lead, each.explanation) for each in candidates]
        columns = [
            Column(rank, each.lead, each.probability, each.score, tuple(each.notes), each.is_doubtful)
            for rank, each in enumerate(candidates, 1)
        ]
    return Comparison(tuple(columns), tuple(_lines(match.study, said)))


def _lines(study: Study, said: Sequence[tuple[Lead, list[dict[str, Any]]]]) -> Iterator[Line]:
    shown = _shown(study)
    leads = [_of_lead(lead) for lead, _ in said]
    reasons = [{reason["field"]: reason for reason in explanation} for _, explanation in said]
    for label, fields in _FIELDS:
        cells = tuple(_cell(of_lead[label], each, fields) for of_lead, each in zip(leads, reasons, strict=True))
        if shown[label] or any(cell.texts or cell.sign for cell in cells):
            yield Line(label, shown[label], cells)


_FIELDS: Final = (
    ("Family name", ("family",)),
    ("Given name", ("given", "order")),
    ("Born", ("birthDate",)),
    ("Sex", ("sex",)),
    ("Numbers", ("identifier",)),
    ("Telephone", ("phone",)),
    ("Address", ("street", "postcode", "city", "region")),
    ("Appointment", ("appointment",)),
)


def _cell(texts: tuple[str, ...], reasons: Mapping[str, Mapping[str, Any]], fields: Iterable[str]) -> Cell:
    known = [reasons[field] for field in fields if field in reasons]
    if not known:
        return Cell(texts)
    # The field that says the most of those that share a line.
    first = known[0]
    kind, sign, word = _MARKS.get(first["level"], _NEAR)
    bits = sum(float(reason["bits"]) for reason in known)
    return Cell(texts, kind, sign, word, bits, ". ".join(str(reason["words"]) for reason in known))


def _shown(study: Study) -> dict[str, tuple[str, ...]]:
    known = persons.attributes_of(study)
    value = index.first(known, "00100010")
    groups: dict[str, str] = value if isinstance(value, dict) else {}
    names = [_parts(groups.get(group) or "") for group in ("Alphabetic", "Ideographic", "Phonetic")]
    issuer = index.text(known, "00100021")
    own = index.text(known, "00100020")
    sex = index.text(known, "00100040", 16)
    return {
        "Family name": _texts(family for family, _ in names),
        "Given name": _texts(given for _, given in names),
        "Born": _texts([dicom_date(index.date(known, "00100030"))]),
        "Sex": _texts([SEXES.get(sex, sex)]),
        "Numbers": _texts([f"{own} ({issuer})" if own and issuer else own, *_values(known, "00101000")]),
        "Telephone": _texts(_values(known, "00102154")),
        "Address": _texts([index.text(known, "00101040").replace("^", " ")]),
        "Appointment": (),
    }


def _of_lead(lead: Lead) -> dict[str, tuple[str, ...]]:
    others = [each for each in lead.other_names if isinstance(each, dict)]
    numbers = [lead.patient_id, lead.external_id, f"{lead.health_number} {lead.health_number_system}".strip()]
    numbers += [str(each.get("value", "")) for each in lead.identifiers]
    addresses = (
        ", ".join(filter(None, (each.get("line"), f"{each.get('postcode', '')} {each.get('city', '')}".strip())))
        for each in lead.addresses
    )
    return {
        "Family name": _texts([lead.family_name, *(each.get("family", "") for each in others)]),
        "Given name": _texts([f"{lead.given_name} {lead.middle_name}", *(each.get("given", "") for each in others)]),
        "Born": _texts([lead.birth_date.isoformat() if lead.birth_date else ""]),
        "Sex": _texts([SEXES.get(lead.sex, "")]),
        "Numbers": _texts(numbers),
        "Telephone": _texts(lead.phones),
        "Address": _texts(addresses),
        "Appointment": (),
    }


def _parts(group: str) -> tuple[str, str]:
    family, _, rest = group.partition("^")
    return family, " ".join(part for part in rest.split("^")[:2] if part)


def _values(known: Mapping[str, Any], tag: str) -> list[str]:
    return [str(value) for value in known.get(tag, {}).get("Value") or [] if value]


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    """What there is to read, each once, without what turns the direction of writing."""
    said = dict.fromkeys(unturned(str(value)).strip() for value in values)
    return tuple(text for text in said if text)[:MOST_TEXTS]
