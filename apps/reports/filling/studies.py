"""The words about the study, the practice and the report itself."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.timezone import localdate

from apps.accounts.models import User
from apps.accounts.names import person_name
from apps.dicom.attributes import text
from apps.dicom.spoken import spoken_name, spoken_time, unturned
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.facts import Facts
from apps.reports.filling.found import Found, Make, Origin, texts
from apps.reports.filling.headers import coded, in_requests, origin_of, value_of
from apps.reports.filling.persons import dated
from apps.reports.filling.wording import iso_time, listed
from apps.saying import say

_REASON, _REASON_CODES, _STUDY_REASON = "00401002", "0040100A", "00321030"
_REQUESTED, _PROCEDURES, _REQUESTER = "00321060", "00081032", "00321032"


def study(facts: Facts, call: Call) -> Found | None:
    """What the study says of itself, or its images' header of what was asked for."""
    origin = Origin(SourceKind.DICOM, say("From the study"), f"study {facts.study.pk}")
    if call.detail in _OF_STUDY:
        return texts(origin)(_OF_STUDY[call.detail](facts))
    if call.detail in _COUNTS:
        return counted(_COUNTS[call.detail](facts), origin)
    match call.detail:
        case "date":
            return dated(facts.study.study_date, origin)
        case "time":
            return timed(facts.study.study_time, origin)
        case "modalities":
            return several(sorted({each.modality for each in facts.images}), origin)
    return _requested(facts, call.detail)


def practice(facts: Facts, call: Call) -> Found | None:
    """The practice's own name."""
    of = facts.study.practice
    return Found(of.name, Origin(SourceKind.TEMPLATE, say("The practice"), f"practice {of.pk}"))


def report(facts: Facts, call: Call) -> Found | None:
    """Today, and who writes."""
    if call.detail == "date":
        origin = Origin(SourceKind.TEMPLATE, say("The day on which the report was begun"))
        return dated(f"{localdate():%Y%m%d}", origin)
    writer = User.objects.filter(pk=facts.who.user_id).first()
    origin = Origin(SourceKind.TEMPLATE, say("Who began the report"))
    return texts(origin)(spoken_name(person_name(writer))) if writer else None


def timed(tm: str, origin: Origin) -> Found | None:
    """A time of DICOM's."""
    return Found(spoken_time(tm), origin, exact=iso_time(tm)) if tm else None


def counted(count: int, origin: Origin) -> Found:
    return Found(str(count), origin, number=float(count), unit="1")


def several(names: list[str], origin: Origin) -> Found | None:
    """Names that each may be an option."""
    return Found(", ".join(names), origin, names=tuple(names)) if names else None


def _requested(facts: Facts, detail: str) -> Found | None:
    """What was asked for, as the devices were told it by the worklist and write it into their images."""
    main = facts.main_series()
    if main is None:
        return None
    header, made = facts.header(main), texts(origin_of(facts, main))
    match detail:
        case "indication":
            said = in_requests(header, _REASON), value_of(header, _REASON), value_of(header, _STUDY_REASON)
            return _first(made, *said, coded(header, _REASON_CODES))
        case "requestedProcedure":
            return _first(
                made, in_requests(header, _REQUESTED), value_of(header, _REQUESTED), coded(header, _PROCEDURES)
            )
    return made(spoken_name(text(header, _REQUESTER)))


def _first(made: Make, *said: str) -> Found | None:
    return made(next(filter(None, said), ""))


_OF_STUDY: Final[Mapping[str, Callable[[Facts], str]]] = {
    "description": lambda facts: unturned(facts.study.study_description),
    "accession": lambda facts: facts.study.accession_number,
    "id": lambda facts: facts.study.study_id,
    "referringPhysician": lambda facts: spoken_name(facts.study.referring_physician_name),
    "bodyPart": lambda facts: listed(each.body_part_examined for each in facts.images),
}
_COUNTS: Final[Mapping[str, Callable[[Facts], int]]] = {
    "seriesCount": lambda facts: len(facts.images),
    "instanceCount": lambda facts: sum(each.instance_count for each in facts.images),
}
