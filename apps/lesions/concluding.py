"""The analysis that judges a study by RECIST 1.1, as a report of the study."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from apps.analysis.kinds import Inputs, Result, Run
from apps.analysis.uids import uid
from apps.archive.models import Study
from apps.core.errors import Conflict
from apps.lesions import concepts as lesion_concepts
from apps.lesions.concepts import OF_NON_TARGETS, OF_TARGETS, OVERALL, said
from apps.lesions.history import History, Visit, history_of
from apps.lesions.models import FoundAs, Lesion, LesionFinding, Role
from apps.lesions.objects import Images, group_of, header_of, report_file
from apps.lesions.recist.findings import State
from apps.lesions.taking import bring_up_to_date
from apps.measurements.content import concepts
from apps.measurements.content.groups import Evaluation, Group, Value
from apps.saying import say

DESCRIPTION: Final = "RECIST 1.1 assessment (unverified)"
NOT_JUDGED: Final = say(
    "This study has no assessment: record the lesions of baseline, and say how each was found in this study."
)
IS_BASELINE: Final = say("This study is the baseline: later ones are assessed against it.")
_WORDS: Final = {
    State.MEASURED: "Measured",
    State.TOO_SMALL: "Too small to measure",
    State.ABSENT: "Absent",
    State.PRESENT: "Present",
    State.PROGRESSED: "Unequivocally progressed",
    State.NOT_EVALUABLE: "Not evaluable",
}


def inputs_of(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Conflict where the study has no assessment."""
    bring_up_to_date(study.patient)
    history, visit = _judged(study)
    series = {each.series_instance_uid for each in _findings(history, study)} - {""}
    return Inputs(tuple(sorted(series)), _digest(history, visit))


def run(run: Run) -> Result:
    """Raises Conflict, NotFound, and what `run.tell` raises."""
    run.tell(0, 1, say("Judging the lesions"))
    history, visit = _judged(run.study)
    images = Images(run.study, [each.sop_instance_uid for each in _findings(history, run.study)])
    groups = [*_conclusions(run, visit), *(_lesion(history, each, visit) for each in history.lesions)]
    path = report_file(run, header_of(run.study), groups, images, DESCRIPTION)
    return Result((path,), _summary(history, visit))


def is_judged(study: Study) -> bool:
    """Whether the study is one that is assessed against an earlier one."""
    history = history_of(study.patient)
    return history.visit_of(study) is not None and history.baseline != study


def _judged(study: Study) -> tuple[History, Visit]:
    history = history_of(study.patient)
    visit = history.visit_of(study)
    if visit is None:
        raise Conflict(NOT_JUDGED)
    if visit.assessment.overall is None:
        raise Conflict(IS_BASELINE)
    return history, visit


def _findings(history: History, study: Study) -> list[LesionFinding]:
    found = (history.finding_in(lesion, study) for lesion in history.lesions)
    return [each for each in found if each is not None]


def _digest(history: History, visit: Visit) -> str:
    """Over all that is said of the lesions up to this study."""
    told = _summary(history, visit)
    lesions = [[each.tracking_uid, each.name, each.organ, each.role, each.is_node] for each in history.lesions]
    return hashlib.sha256(json.dumps([told, lesions]).encode()).hexdigest()


def _conclusions(run: Run, visit: Visit) -> Iterator[Group]:
    """Of the targets, of the others, and of all; each a thing of its own, with a Tracking UID that stays."""
    told = visit.assessment
    method = Evaluation(lesion_concepts.METHOD, lesion_concepts.RECIST)
    if told.overall is not None:
        yield _conclusion(run, "Overall response", (method, said(told.overall, OVERALL)))
    if told.target is not None:
        sums = () if told.sum_mm is None else (Value(lesion_concepts.SUM, told.sum_mm, concepts.MILLIMETRE),)
        yield _conclusion(run, "Target lesions", (method, said(told.target, OF_TARGETS), *_against(visit)), sums)
    if told.non_target is not None:
        yield _conclusion(run, "Non-target lesions", (method, said(told.non_target, OF_NON_TARGETS)))


def _against(visit: Visit) -> Iterator[Evaluation]:
    told = visit.assessment
    if told.baseline_mm is not None and told.nadir_mm is not None:
        text = f"Sum of diameters at baseline {told.baseline_mm:g} mm, smallest so far {told.nadir_mm:g} mm."
        yield Evaluation(concepts.COMMENT, text=text)


def _conclusion(run: Run, name: str, evaluations: tuple[Evaluation, ...], values: tuple[Value, ...] = ()) -> Group:
    tracking = uid(f"{run.study.patient_id}/{run.study.practice_id}", name)
    return Group(tracking, name, values=values, evaluations=evaluations)


def _lesion(history: History, lesion: Lesion, visit: Visit) -> Group:
    finding = history.finding_in(lesion, visit.study)
    state = State(finding.state) if finding else State.NOT_EVALUABLE
    category = Evaluation(lesion_concepts.BASELINE_CATEGORY, lesion_concepts.ROLES[Role(lesion.role)])
    found = Evaluation(concepts.COMMENT, text=_WORDS[state])
    return group_of(lesion, label="", values=tuple(_sizes(lesion, finding)), evaluations=(category, found))


def _sizes(lesion: Lesion, finding: LesionFinding | None) -> Iterator[Value]:
    if finding is None or finding.state != FoundAs.MEASURED or finding.size_mm is None:
        return
    concept = concepts.SHORT_AXIS if lesion.is_node and finding.short_axis_mm is not None else concepts.LENGTH
    yield Value(concept, finding.size_mm, concepts.MILLIMETRE)


def _summary(history: History, visit: Visit) -> dict[str, Any]:
    told = visit.assessment
    return {
        "criteria": "RECIST 1.1",
        "baseline": history.visits[0].study.study_date,
        "sum": told.sum_mm,
        "sumAtBaseline": told.baseline_mm,
        "nadir": told.nadir_mm,
        "changeSinceBaseline": told.of_baseline,
        "changeSinceNadir": told.of_nadir,
        "hasNew": told.has_new,
        "target": told.target,
        "nonTarget": told.non_target,
        "overall": told.overall,
        "lesions": [_told(history, each, visit) for each in history.lesions],
    }


def _told(history: History, lesion: Lesion, visit: Visit) -> dict[str, Any]:
    finding = history.finding_in(lesion, visit.study)
    first = history.finding_in(lesion, history.visits[0].study)
    return {
        "name": lesion.name,
        "organ": lesion.organ,
        "role": lesion.role,
        "atBaseline": first.size_mm if first else None,
        "state": finding.state if finding else State.NOT_EVALUABLE.value,
        "size": finding.size_mm if finding else None,
    }
