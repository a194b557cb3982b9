"""Whether a study that another archive tells of is the lead's, by what it tells of the patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from apps.practice.linking import weighing
from apps.practice.matching import dicom
from apps.practice.matching.deciding import Outcome
from apps.practice.models import Lead
from apps.remotes.found import FoundStudy


class Verdict(StrEnum):
    """What is to be said of a study and a lead."""

    SAME = "same"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, its probability, what each field says (as for matches), and what speaks against it in words."""

    verdict: Verdict
    probability: float
    explanation: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]


_SAYS: Final = {Outcome.LINKED: Verdict.SAME, Outcome.REVIEW: Verdict.UNSURE, Outcome.NONE: Verdict.OTHER}
# By name, ID, birth date and sex: what an archive's answer says of its patient.
_Facts = tuple[str, str, str, str]


def judge(lead: Lead, studies: Iterable[FoundStudy]) -> dict[str, Judgement]:
    """Judge each study by its UID. What names somebody else outright is another one's, however much else agrees."""
    scale = weighing.scale(lead.practice_id)
    known: dict[_Facts, Judgement] = {}
    judged = {}
    for study in studies:
        facts = (study.patient_name, study.patient_id, study.patient_birth_date, study.patient_sex)
        if facts not in known:
            known[facts] = _judge(lead, facts, scale)
        judged[study.study_instance_uid] = known[facts]
    return judged


def _judge(lead: Lead, facts: _Facts, scale: weighing.Scale) -> Judgement:
    name, patient_id, birth_date, sex = facts
    person = dicom.person_of(names=[name], ids=[(patient_id, "")], birth_date=birth_date, sex=sex)
    found = weighing.weigh(person, [lead], scale, named=[lead.pk])
    weighed = next(iter(found.weighed), None)
    if weighed is None:
        return Judgement(Verdict.OTHER, 0.0, (), ())
    verdict = Verdict.OTHER if weighed.clashes else _SAYS[found.outcome]
    return Judgement(verdict, weighed.probability, weighed.explanation, (*weighed.clashes, *weighed.notes))
