"""The words about lesions that are followed (RECIST 1.1): for who sees every study that the assessment goes by."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

from apps.archive.viewing import viewer_url
from apps.core.languages import translated
from apps.dicom.spoken import unturned
from apps.lesions.history import Visit
from apps.lesions.models import Lesion, Role
from apps.lesions.recist.responses import WORDS, Response
from apps.reports.content.document import Past
from apps.reports.content.entries import SourceKind
from apps.reports.content.filling_words import Call
from apps.reports.filling.facts import Facts
from apps.reports.filling.following import Followed
from apps.reports.filling.found import Found, Origin, texts
from apps.reports.filling.histories import change_since
from apps.reports.filling.imaging import measured
from apps.reports.filling.wording import percent, previous, quantity
from apps.saying import say

MILLIMETRE: Final = "mm"


def lesions(facts: Facts, call: Call) -> Found | None:
    """A number, a response, or sentences."""
    known = facts.lesions
    if known is None:
        return None
    link = viewer_url(facts.study.study_instance_uid)
    origin = Origin(SourceKind.MEASUREMENT, say("From the lesions that are followed"), f"study {facts.study.pk}", link)
    assessment = known.visit.assessment
    match call.detail:
        case "sum":
            return measured(_with_unit(assessment.sum_mm, MILLIMETRE), origin)
        case "change":
            return measured(_with_unit(assessment.of_nadir, "%"), origin)
        case "list":
            return texts(origin)("\n".join(_lines(known)))
        case "summary":
            return texts(origin)(" ".join(_sentences(known)))
    return _response(_RESPONSES[call.detail](known.visit), origin)


def _with_unit(value: float | None, unit: str) -> tuple[float, str] | None:
    return None if value is None else (value, unit)


def _response(response: Response | None, origin: Origin) -> Found | None:
    return None if response is None else Found(_words(response), origin, names=(response.value,))


def _words(response: Response) -> str:
    return f"{translated(WORDS[response])} ({response.value})"


def _lines(known: Followed) -> Iterator[str]:
    """A line for each lesion: what it is to the assessment, and how it was found now and before."""
    for lesion in known.history.lesions:
        finding = known.history.finding_in(lesion, known.visit.study)
        if finding is None:
            continue
        size = finding.size_mm
        told = finding.get_state_display() if size is None else _size(known, lesion, size)
        yield f"{unturned(lesion.name)} ({Role(lesion.role).label}): {told}"


def _size(known: Followed, lesion: Lesion, size: float) -> str:
    pasts = tuple(_pasts(known, lesion))
    value = quantity(size, MILLIMETRE)
    return f"{value} ({previous(pasts[-1], MILLIMETRE, change_since(size, pasts))})" if pasts else value


def _pasts(known: Followed, lesion: Lesion) -> Iterator[Past]:
    """Its sizes at the visits before."""
    for visit in known.history.until(known.visit)[:-1]:
        finding = known.history.finding_in(lesion, visit.study)
        if finding is not None and finding.size_mm is not None:
            yield Past(visit.study.study_date, finding.size_mm)


def _sentences(known: Followed) -> Iterator[str]:
    assessment = known.visit.assessment
    if assessment.sum_mm is not None:
        change = assessment.of_nadir
        values = {"sum": quantity(assessment.sum_mm, MILLIMETRE), "change": percent(change or 0)}
        if change is None:
            yield _("Sum of diameters %(sum)s.") % values
        else:
            yield _("Sum of diameters %(sum)s (%(change)s since the nadir).") % values
    if assessment.has_new:
        yield _("New lesions.")
    if assessment.overall is not None:
        yield _("Overall response by RECIST 1.1: %(response)s.") % {"response": _words(assessment.overall)}


_RESPONSES: Final[Mapping[str, Callable[[Visit], Response | None]]] = {
    "response": lambda visit: visit.assessment.overall,
    "targetResponse": lambda visit: visit.assessment.target,
    "nonTargetResponse": lambda visit: visit.assessment.non_target,
}
