"""The images' patient and the leads side by side: what each says, and how far that agrees."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.archive import attributes as index
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import dicom_date
from apps.core.dates import day
from apps.core.languages import translated
from apps.dicom.spoken import unturned
from apps.practice.linking import persons
from apps.practice.matching.explaining import said_of
from apps.practice.models import Candidate, Lead, Match

SEXES: Final = {"F": _("Female"), "M": _("Male"), "O": _("Other")}
# What a level comes to for somebody who reads: a class, a sign and a word, so that no colour is needed.
_SAME: Final = ("same", "=", _("same"))
_NEAR: Final = ("near", "≈", _("similar"))
_OTHER: Final = ("other", "≠", _("differs"))
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
            return gettext("over %(number)s %%") % {"number": number_format("99.9", 1)}
        if percent < 0.1:
            return gettext("under %(number)s %%") % {"number": number_format("0.1", 1)}
        return gettext("%(number)s %%") % {"number": number_format(f"{percent:.1f}", 1)}


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
    leads = [_of_lead(lead) for lead, _explanation in said]
    reasons = [{reason["field"]: reason for reason in explanation} for _lead, explanation in said]
    for name, label, fields in _FIELDS:
        cells = tuple(_cell(of_lead[name], each, fields) for of_lead, each in zip(leads, reasons, strict=True))
        if shown[name] or any(cell.texts or cell.sign for cell in cells):
            yield Line(str(label), shown[name], cells)


_FIELDS: Final = (
    ("family", _("Family name"), ("family",)),
    ("given", _("Given name"), ("given", "order")),
    ("born", _("Born"), ("birthDate",)),
    ("sex", _("Sex"), ("sex",)),
    ("numbers", _("Numbers"), ("identifier",)),
    ("telephone", _("Telephone"), ("phone",)),
    ("address", _("Address"), ("street", "postcode", "city", "region")),
    ("appointment", _("Appointment"), ("appointment",)),
)


def _cell(texts: tuple[str, ...], reasons: Mapping[str, Mapping[str, Any]], fields: Iterable[str]) -> Cell:
    known = [reasons[field] for field in fields if field in reasons]
    if not known:
        return Cell(texts)
    # The field that says the most of those that share a line.
    first = known[0]
    kind, sign, word = _MARKS.get(first["level"], _NEAR)
    bits = sum(float(reason["bits"]) for reason in known)
    why = (said_of(reason["field"], reason["level"], str(reason["words"])) for reason in known)
    return Cell(texts, kind, sign, str(word), bits, " · ".join(translated(text) for text in why))


def _shown(study: Study) -> dict[str, tuple[str, ...]]:
    known = persons.attributes_of(study)
    value = index.first(known, "00100010")
    groups: dict[str, str] = value if isinstance(value, dict) else {}
    names = [_parts(groups.get(group) or "") for group in ("Alphabetic", "Ideographic", "Phonetic")]
    issuer = index.text(known, "00100021")
    own = index.text(known, "00100020")
    sex = index.text(known, "00100040", 16)
    return {
        "family": _texts(family for family, _given in names),
        "given": _texts(given for _family, given in names),
        "born": _texts([dicom_date(index.date(known, "00100030"))]),
        "sex": _texts([str(SEXES.get(sex, sex))]),
        "numbers": _texts([f"{own} ({issuer})" if own and issuer else own, *_values(known, "00101000")]),
        "telephone": _texts(_values(known, "00102154")),
        "address": _texts([index.text(known, "00101040").replace("^", " ")]),
        "appointment": (),
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
        "family": _texts([lead.family_name, *(each.get("family", "") for each in others)]),
        "given": _texts([f"{lead.given_name} {lead.middle_name}", *(each.get("given", "") for each in others)]),
        "born": _texts([day(lead.birth_date) if lead.birth_date else ""]),
        "sex": _texts([str(SEXES.get(lead.sex, ""))]),
        "numbers": _texts(numbers),
        "telephone": _texts(lead.phones),
        "address": _texts(addresses),
        "appointment": (),
    }


def _parts(group: str) -> tuple[str, str]:
    family, _caret, rest = group.partition("^")
    return family, " ".join(part for part in rest.split("^")[:2] if part)


def _values(known: Mapping[str, Any], tag: str) -> list[str]:
    return [str(value) for value in known.get(tag, {}).get("Value") or [] if value]


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    """What there is to read, each once, without what turns the direction of writing."""
    said = dict.fromkeys(unturned(str(value)).strip() for value in values)
    return tuple(text for text in said if text)[:MOST_TEXTS]
