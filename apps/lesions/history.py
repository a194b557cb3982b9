"""A patient's lesions study by study, and what RECIST 1.1 says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.archive.models import Patient, Study
from apps.lesions.models import Lesion, LesionFinding, Role
from apps.lesions.recist.assessing import Assessment, TimePoint, assess
from apps.lesions.recist.best import best_of
from apps.lesions.recist.findings import Finding, State
from apps.lesions.recist.responses import Response
from apps.worklist.moments import moment

# Seen so, a new lesion is there.
_THERE = frozenset({State.MEASURED, State.TOO_SMALL, State.PRESENT, State.PROGRESSED})


@dataclass(frozen=True)
class Visit:
    """A study from baseline on in which lesions were looked for, and its assessment."""

    study: Study
    assessment: Assessment


@dataclass(frozen=True)
class History:
    """The lesions in the order they were recorded, and the visits in that of time; without targets and non-targets
    there is no baseline, and so no visit."""

    lesions: tuple[Lesion, ...]
    visits: tuple[Visit, ...]

    def finding_in(self, lesion: Lesion, study: Study) -> LesionFinding | None:
        return next((each for each in lesion.findings.all() if each.study_id == study.pk), None)

    def visit_of(self, study: Study) -> Visit | None:
        return next((visit for visit in self.visits if visit.study.pk == study.pk), None)

    def until(self, last: Visit) -> list[Visit]:
        """The visits up to this one, from baseline on."""
        return list(self.visits[: self.visits.index(last) + 1])

    @property
    def baseline(self) -> Study | None:
        return self.visits[0].study if self.visits else None


def history_of(patient: Patient) -> History:
    """As reports and people have said it so far; `taking.take_over` brings it up to date."""
    lesions = tuple(Lesion.objects.with_findings().filter(study__patient=patient).order_by("pk"))
    followed = [each for each in lesions if each.role != Role.NEW]
    if not followed:
        return History(lesions, ())
    studies = _studies(lesions, min((each.study for each in followed), key=when))
    points = [_point(lesions, study) for study in studies]
    return History(lesions, tuple(map(Visit, studies, assess(points))))


def best_so_far(visits: Sequence[Visit], stable_days: int) -> Response | None:
    """The best overall response of these visits, the first of which is baseline (`recist.best`).

    None at baseline, where there are no targets, and where a study has no date.
    """
    days = [moment(visit.study.study_date) for visit in visits]
    if any(visit.assessment.target is None for visit in visits[1:]):
        return None
    responses = [
        ((day - days[0]).days, visit.assessment.overall)
        for day, visit in zip(days, visits, strict=True)
        if day and days[0] and visit.assessment.overall
    ]
    return best_of(responses, stable_days) if len(responses) == len(visits) - 1 else None


def when(study: Study) -> tuple[str, str, int]:
    """What studies are in the order of time by."""
    return study.study_date, study.study_time, study.pk


def made_at(study: Study) -> datetime:
    """When a study was made; when it came, where it has no date."""
    return moment(study.study_date + study.study_time) or moment(study.study_date) or study.received_at


def _studies(lesions: Sequence[Lesion], baseline: Study) -> list[Study]:
    found = {finding.study_id: finding.study for lesion in lesions for finding in lesion.findings.all()}
    found[baseline.pk] = baseline
    return sorted((each for each in found.values() if when(each) >= when(baseline)), key=when)


def _point(lesions: Sequence[Lesion], study: Study) -> TimePoint:
    def found(role: Role) -> tuple[Finding, ...]:
        return tuple(_finding(each, study) for each in lesions if each.role == role)

    new = any(each.state in _THERE and not each.is_cleared for each in found(Role.NEW))
    return TimePoint(found(Role.TARGET), found(Role.NON_TARGET), new)


def _finding(lesion: Lesion, study: Study) -> Finding:
    """What nobody has said anything of was not evaluated."""
    known = next((each for each in lesion.findings.all() if each.study_id == study.pk), None)
    return known.finding if known else Finding(State.NOT_EVALUABLE, is_node=lesion.is_node)
