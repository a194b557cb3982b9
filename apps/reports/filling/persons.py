"""The words about people: the patient as the images name them, and the practice's lead."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.archive.models import Study
from apps.dicom.attributes import Attributes, number, text
from apps.dicom.spoken import spoken_date, spoken_name
from apps.practice.models import Lead
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.headers import origin_of, value_of
from apps.reports.filling.wording import iso_date, quantity
from apps.saying import say
from apps.worklist.wording import day_of

_HISTORY: Final[Mapping[str, str]] = {
    "history": "001021B0", "allergies": "00102110", "alerts": "00102000", "pregnancy": "001021C0",
}  # fmt: skip
_SIZES: Final[Mapping[str, tuple[str, str]]] = {"size": ("00101020", "m"), "weight": ("00101030", "kg")}
_PREGNANCY: Final = ("0001", "0002", "0003", "0004")


def patient(facts: Facts, call: Call) -> Found | None:
    """What the study says of its patient, corrections included."""
    study, origin = facts.study, _of_study(facts)
    if call.detail in _OF_STUDY:
        return texts(origin)(_OF_STUDY[call.detail](study))
    match call.detail:
        case "birthDate":
            return dated(study.patient_birth_date, origin)
        case "sex":
            return sex_of(study.patient_sex, origin)
        case "age":
            return _age(facts)
    return _of_header(facts, call.detail)


def lead(facts: Facts, call: Call) -> Found | None:
    """What the practice knows of the person whose study it is."""
    person = facts.lead
    if person is None:
        return None
    link = reverse("admin:practice_lead_change", args=[person.pk])
    origin = Origin(SourceKind.LEAD, say("From the lead"), f"lead {person.pk}", link)
    match call.detail:
        case "birthDate":
            return dated(person.dicom_birth_date, origin)
        case "sex":
            return sex_of(person.sex, origin)
    return texts(origin)(_LEAD[call.detail](person))


def dated(da: str, origin: Origin) -> Found | None:
    """A date of DICOM's."""
    return Found(spoken_date(da), origin, exact=iso_date(da)) if da else None


def sex_of(code: str, origin: Origin) -> Found | None:
    """Patient's Sex (PS3.3 C.7.1.1) as a word, an option by its letter."""
    words = {"F": _("Female"), "M": _("Male"), "O": _("Other")}
    return Found(words[code], origin, names=(code,)) if code in words else None


def _of_study(facts: Facts) -> Origin:
    return Origin(SourceKind.DICOM, say("From the study"), f"study {facts.study.pk}")


def _age(facts: Facts) -> Found | None:
    """Whole years from birth to the study, else Patient's Age (0010,1010) of the images."""
    born, studied = day_of(facts.study.patient_birth_date), day_of(facts.study.study_date)
    if born is not None and studied is not None and born <= studied:
        return _years(_between(born, studied), _of_study(facts))
    said = text(facts.main_header, "00101010").upper()
    if said[-1:] == "Y" and said[:-1].isdecimal():
        return _years(int(said[:-1]), _of_study(facts))
    return None


def _between(born: date, studied: date) -> int:
    return studied.year - born.year - ((studied.month, studied.day) < (born.month, born.day))


def _years(years: int, origin: Origin) -> Found:
    return Found(_("%(years)s years") % {"years": years}, origin, number=float(years), unit="a")


def _of_header(facts: Facts, detail: str) -> Found | None:
    main = facts.main_series()
    if main is None:
        return None
    header, origin = facts.header(main), origin_of(facts, main)
    if detail in _SIZES:
        tag, unit = _SIZES[detail]
        size = number(header, tag)
        return Found(quantity(size, unit), origin, number=size, unit=unit) if size else None
    return _pregnancy(header, origin) if detail == "pregnancy" else texts(origin)(value_of(header, _HISTORY[detail]))


def _pregnancy(header: Attributes, origin: Origin) -> Found | None:
    """Pregnancy Status (0010,21C0): a number that stands for words (PS3.3 C.7.1.3)."""
    words = (_("Not pregnant"), _("Possibly pregnant"), _("Definitely pregnant"), _("Pregnancy unknown"))
    status = number(header, _HISTORY["pregnancy"])
    if status is None or not 1 <= status <= len(words):
        return None
    return Found(words[int(status) - 1], origin, names=(_PREGNANCY[int(status) - 1], str(int(status))))


_OF_STUDY: Final[Mapping[str, Callable[[Study], str]]] = {
    "name": lambda study: spoken_name(study.patient_name),
    "id": lambda study: study.patient_identifier,
    "issuer": lambda study: study.patient_id_issuer,
}
_LEAD: Final[Mapping[str, Callable[[Lead], str]]] = {
    "name": str,
    "id": lambda person: str(person.external_id),
    "language": lambda person: str(person.preferred_language),
    "healthNumber": lambda person: " ".join(filter(None, (person.health_number_system, person.health_number))),
    "phone": lambda person: str(next(iter(person.phones), "")),
    "email": lambda person: str(next(iter(person.emails), "")),
}
