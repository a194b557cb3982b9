"""Which scheduled steps a study belongs to: certain, or for people to decide. Pure, so that it can be tested as such.

A procedure is known by its Study Instance UID or accession number; which of its steps was performed, by the modality,
the station and the Scheduled Procedure Step ID of each series (PS3.4 K.6.1.2.2 has devices copy these into the images).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from apps.dicom.names import fold
from apps.saying import say
from apps.worklist.evidence import Arrived, Part
from apps.worklist.identity import Likeness, Person, births, contradiction, ids, is_confirmed, names
from apps.worklist.models.scheduled import LinkedBy, ScheduledStep, StepState
from apps.worklist.models.unplanned import Reason

OPEN: Final = frozenset({StepState.SCHEDULED, StepState.IN_PROGRESS})
Steps = Sequence[ScheduledStep]

# Kept as they are with the study, and translated where they are read: so these name no values.
BY_UID: Final = {
    Reason.CONTRADICTION: say("Its Study Instance UID is that of an appointment of somebody else."),
    Reason.TAKEN: say("The step with its Study Instance UID has another study."),
    Reason.CANCELLED: say("The step with its Study Instance UID was cancelled."),
    Reason.SEVERAL: say("Several steps have its Study Instance UID, and no one of them fits."),
}
BY_ACCESSION: Final = {
    Reason.CONTRADICTION: say("Its accession number is that of an appointment of somebody else."),
    Reason.TAKEN: say("The step with its accession number has another study."),
    Reason.CANCELLED: say("The step with its accession number was cancelled."),
    Reason.SEVERAL: say("Several steps have its accession number, and no one of them fits."),
}
DIFFERING: Final = {
    "accession number": say("This patient was expected, but with another accession number."),
    "name": say("This patient was expected, but with another name."),
    "birth date": say("This patient was expected, but with another birth date."),
    "name and birth date": say("This patient was expected, but with another name and birth date."),
}
IN_SEVERAL: Final = say("This patient was expected several times, but differs each time.")
SEVERAL_OF_PATIENT: Final = say("Several steps of this patient on that day fit.")


@dataclass(frozen=True, slots=True)
class Decision:
    """The steps that the study's images belong to and how that is known; or why nobody but a person can tell."""

    steps: tuple[ScheduledStep, ...] = ()
    how: LinkedBy | None = None
    reason: Reason | None = None
    detail: str = field(default="", compare=False)


NOTHING: Final = Decision()


def decide(arrived: Arrived, steps: Steps) -> Decision:
    """Which of these steps of the practice the study belongs to."""
    if not arrived.parts:
        return NOTHING
    by_uid = [step for step in steps if step.study_instance_uid == arrived.study_instance_uid]
    if by_uid:
        return _of_procedure(arrived, by_uid, LinkedBy.STUDY_UID, _is_not_another)
    by_accession = [step for step in steps if step.accession_number in arrived.accession_numbers]
    if by_accession:
        return _of_procedure(arrived, by_accession, LinkedBy.ACCESSION, _is_same)
    return _by_patient(arrived, steps)


def person_of(step: ScheduledStep) -> Person:
    """Who is expected."""
    return Person(step.patient_id, step.issuer, step.patient_name, step.patient_birth_date)


def _of_procedure(arrived: Arrived, named: Steps, how: LinkedBy, agrees: Callable[[Person, Person], bool]) -> Decision:
    words = BY_UID if how == LinkedBy.STUDY_UID else BY_ACCESSION
    same = [step for step in named if agrees(arrived.person, person_of(step))]
    if not same:
        return Decision(reason=Reason.CONTRADICTION, detail=words[Reason.CONTRADICTION])
    free = [step for step in same if step.study_id in (None, arrived.study)]
    if not free:
        return Decision(reason=Reason.TAKEN, detail=words[Reason.TAKEN])
    live = [step for step in free if step.state != StepState.CANCELLED]
    if not live:
        return Decision(reason=Reason.CANCELLED, detail=words[Reason.CANCELLED])
    chosen = live if len(live) == 1 else _performed(arrived, live)
    if not chosen:
        return Decision(reason=Reason.SEVERAL, detail=words[Reason.SEVERAL])
    return Decision(tuple(chosen), how)


def _by_patient(arrived: Arrived, steps: Steps) -> Decision:
    """By Patient ID, day and modality, where exactly one open step fits and nothing contradicts it."""
    expected = [step for step in steps if _is_expected(arrived, step)]
    fitting = [step for step in expected if not _differs(arrived, step)]
    if not fitting:
        differing = {_differs(arrived, step) for step in expected}
        detail = DIFFERING.get("".join(differing), IN_SEVERAL)
        return Decision(reason=Reason.CONTRADICTION, detail=detail) if differing else NOTHING
    chosen = _performed(arrived, fitting)
    if not chosen:
        return Decision(reason=Reason.SEVERAL, detail=SEVERAL_OF_PATIENT)
    return Decision(tuple(chosen), LinkedBy.PATIENT_DATE)


def _is_expected(arrived: Arrived, step: ScheduledStep) -> bool:
    is_free = (step.study_id is None and step.state in OPEN) or step.study_id == arrived.study
    return (
        is_free
        and arrived.day is not None
        and step.start_date == arrived.day
        and step.modality in {part.modality for part in arrived.parts}
        and ids(arrived.person, person_of(step)) is Likeness.SAME
    )


def _differs(arrived: Arrived, step: ScheduledStep) -> str:
    """In what the study contradicts a step of its patient; empty where in nothing."""
    if arrived.accession_numbers and step.accession_number:
        return "accession number"
    return contradiction(arrived.person, person_of(step))


def _is_same(one: Person, other: Person) -> bool:
    """Whether Patient ID or name agree, and nothing differs; the IDs may, where name and birth date are the same."""
    by_name, by_birth = names(one, other), births(one, other)
    if by_birth is Likeness.OTHER or by_name is Likeness.OTHER:
        return False
    match ids(one, other):
        case Likeness.SAME:
            return True
        case Likeness.UNKNOWN:
            return by_name is Likeness.SAME
        case _:
            return by_name is Likeness.SAME and by_birth is Likeness.SAME


def _is_not_another(one: Person, other: Person) -> bool:
    """Whether nothing says that they are two: the UID came from the worklist, or from this server."""
    if contradiction(one, other):
        return False
    return ids(one, other) is not Likeness.OTHER or is_confirmed(one, other)


def _performed(arrived: Arrived, steps: Steps) -> list[ScheduledStep]:
    """The steps that a series of the study is of; none where a series could be of several, or no series fits."""
    chosen: dict[int, ScheduledStep] = {}
    for part in arrived.parts:
        fitting = _narrowed(arrived, part, [step for step in steps if _fits(part, step)])
        if len(fitting) > 1:
            return []
        chosen.update({id(step): step for step in fitting})
    return list(chosen.values())


def _fits(part: Part, step: ScheduledStep) -> bool:
    if step.modality and step.modality != part.modality:
        return False
    return not (part.station and step.station_name) or fold(part.station) == fold(step.station_name)


def _narrowed(arrived: Arrived, part: Part, steps: Steps) -> Steps:
    """Those that the series names by their IDs, are of its station by name, or have this study already: if any."""
    named: Iterable[Callable[[ScheduledStep], bool]] = (
        lambda step: step.step_id in part.step_ids,
        lambda step: bool(part.station) and fold(step.station_name) == fold(part.station),
        lambda step: step.study_id == arrived.study,
    )
    for is_meant in named:
        if len(steps) > 1 and (meant := [step for step in steps if is_meant(step)]):
            steps = meant
    return steps
