"""Asking another archive for a lead's studies: by the lead's numbers and name, or by what is said besides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from apps.accounts.principal import Principal
from apps.practice.devices.judging import Judgement, judge
from apps.practice.models import Lead
from apps.remotes import searching
from apps.remotes.asking import Query
from apps.remotes.found import FoundStudy
from apps.remotes.models import Remote

# Of a lead's numbers, so many are asked for; each is a question of its own to the remote.
MOST_NUMBERS: Final = 3
_PERSON: Final = ("patient_name", "patient_id", "birth_date", "accession_number", "study_instance_uid")


@dataclass(frozen=True, slots=True)
class Answer:
    """The studies that were found, newest first; how each is judged, by its UID, where a lead was named."""

    studies: tuple[FoundStudy, ...]
    is_complete: bool
    judged: Mapping[str, Judgement]


def ask(who: Principal, remote: Remote, query: Query, lead: Lead | None, *, source: str) -> Answer:
    """Ask the remote, which must be one that `who` may use. Where nothing is said of the patient, the lead's own facts
    are asked for: each number, and the name with the birth date.

    Raises Invalid, RemoteFailed, RemoteRefused.
    """
    is_said = any(getattr(query, name) for name in _PERSON)
    asked = [query] if is_said or lead is None else list(_of_lead(lead, query))
    found: dict[str, FoundStudy] = {}
    is_complete = True
    for each in asked or [query]:
        results = searching.search(who, remote, each, source=source)
        is_complete = is_complete and results.is_complete
        found |= {study.study_instance_uid: study for study in results.studies}
    studies = sorted(found.values(), key=lambda study: (study.study_date, study.study_time), reverse=True)
    return Answer(tuple(studies), is_complete, judge(lead, studies) if lead else {})


def _of_lead(lead: Lead, query: Query) -> Iterator[Query]:
    """What is asked for a lead. A family name alone, which many have, is asked for with the given name."""
    numbers = dict.fromkeys([lead.dicom_patient_id, *(str(each.get("value", "")) for each in lead.identifiers)])
    yield from (replace(query, patient_id=number) for number in [*filter(None, numbers)][:MOST_NUMBERS])
    if not lead.family_name:
        return
    if lead.birth_date:
        yield replace(query, patient_name=lead.family_name, birth_date=lead.birth_date)
    elif lead.given_name:
        yield replace(query, patient_name=f"{lead.family_name}, {lead.given_name}")
