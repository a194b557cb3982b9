"""What the page of a patient's lesions shows: a row for each lesion, a column for each study, and what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.principal import Principal
from apps.archive.models import Patient, Study
from apps.archive.viewing import viewer_url
from apps.core.languages import translated
from apps.lesions.api.reaching import lesions_of, seen_studies
from apps.lesions.history import Visit, history_of, made_at, when
from apps.lesions.models import FoundAs, Lesion, LesionFinding
from apps.lesions.recist.assessing import Assessment
from apps.lesions.recist.responses import WORDS, Response
from apps.lesions.telling import NONE, percent, size
from apps.measurements.admin.charts import Moment, chart


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in the table; `title` says it in full, `viewer_url` is where it was measured."""

    text: str
    title: str = ""
    viewer_url: str = ""


def shown(who: Principal, patient: Patient) -> dict[str, Any]:
    """What the template shows, of the studies that the person sees.

    Without all of those that the assessment goes by there is none.
    """
    lesions = lesions_of(who, patient)
    history, seen = history_of(patient), seen_studies(who, patient)
    found = {each.study_id: each.study for lesion in lesions for each in lesion.findings.all()}
    studies = sorted((study for pk, study in found.items() if pk in seen), key=when)
    visits = history.visits if {visit.study.pk for visit in history.visits} <= seen else ()
    return {
        "patient": patient,
        "studies": studies,
        "rows": [(lesion, [_cell(lesion, study) for study in studies]) for lesion in lesions],
        "figures": _figures(visits, studies),
        "is_hidden": len(visits) < len(history.visits),
        "chart": _chart(visits),
    }


def _cell(lesion: Lesion, study: Study) -> Cell:
    finding = next((each for each in lesion.findings.all() if each.study_id == study.pk), None)
    if finding is None:
        return Cell(NONE)
    if finding.state != FoundAs.MEASURED:
        return Cell(str(FoundAs(finding.state).label))
    return Cell(_size(finding), viewer_url=_address(finding, study))


def _size(finding: LesionFinding) -> str:
    return _("%(size)s mm") % {"size": size(finding.size_mm)}


def _address(finding: LesionFinding, study: Study) -> str:
    return viewer_url(study.study_instance_uid, finding.series_instance_uid) if finding.series_instance_uid else ""


def _figures(visits: Sequence[Visit], studies: Sequence[Study]) -> list[tuple[str, list[Cell]]]:
    """The rows below the lesions: sums, changes and responses, a dash where there is none."""
    by_study = {visit.study.pk: visit.assessment for visit in visits}
    told: list[tuple[str, Callable[[Assessment], Cell]]] = [
        (_("Sum of diameters (mm)"), lambda each: Cell(size(each.sum_mm))),
        (_("Since baseline"), lambda each: Cell(NONE if each.overall is None else percent(each.of_baseline))),
        (_("Since the smallest"), lambda each: Cell(percent(each.of_nadir))),
        (_("Target lesions"), lambda each: _response(each.target)),
        (_("Non-target lesions"), lambda each: _response(each.non_target)),
        (_("New lesions"), lambda each: Cell(_("Yes") if each.has_new else _("No"))),
        (_("Overall response"), lambda each: _response(each.overall) if each.overall else Cell(_("Baseline"))),
    ]
    return [
        (name, [say(by_study[study.pk]) if study.pk in by_study else Cell(NONE) for study in studies])
        for name, say in told
    ]


def _response(found: Response | None) -> Cell:
    return Cell(found.value, translated(WORDS[found])) if found else Cell(NONE)


def _chart(visits: Sequence[Visit]) -> Any:
    """The sum over time; None with less than two."""
    moments = [
        Moment(made_at(visit.study), visit.assessment.sum_mm) for visit in visits if visit.assessment.sum_mm is not None
    ]
    return chart(_("Sum of diameters"), "mm", moments) if len(moments) > 1 else None
