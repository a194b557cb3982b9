"""When matching looks: at arrivals, corrections and changed leads, with few jobs and few queries."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.corrections import verbs as correcting
from apps.jobs.models import Job
from apps.practice.leads import people
from apps.practice.linking import changes, deciding, receivers, verbs
from apps.practice.models import How, LeadChange, Match, Matching, MatchState
from tests.practice.linking.cases import JANE, REVIEW, lead, matched, standing, study

pytestmark = pytest.mark.django_db

# Of one look that links, with the writing: the person, the leads, what was decided, and what becomes of it.
MOST_QUERIES = 45
# Of one that finds what it found before.
MOST_QUERIES_AGAIN = 32


@pytest.fixture(autouse=True)
def fresh() -> None:
    receivers.forget_all()


@pytest.fixture
def decider(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, "dora")


def jobs(kind: str) -> list[dict[str, Any]]:
    return list(Job.objects.filter(kind=kind).order_by("pk").values_list("parameters", flat=True))


def quietly(done: int, total: int | None) -> None:
    """Nobody watches."""


def test_what_arrives_is_looked_at_by_a_job(practice: Practice, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        lead(practice)
    first = study(practice)
    assert jobs(changes.MATCH) == [{"study": first.pk}]


def test_a_practice_without_leads_costs_no_job_and_hardly_a_query(practice: Practice) -> None:
    study(practice, 1)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        study(practice, 2)
    assert jobs(changes.MATCH) == []
    assert not [query for query in seen if "practice_matching" in query["sql"]]
    assert not Match.objects.exists()


def test_many_leads_are_one_job(practice: Practice, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        facts = [{**JANE, "external_id": f"E{n}", "patient_id": f"P{n}"} for n in range(50)]
        people.upsert_many(Principal.worker(practice.pk), practice.pk, facts, source="test")
        lead(practice)
    assert jobs(changes.EVERYTHING) == [{"practice": practice.pk}]
    assert jobs(changes.LEADS) == []


def test_a_lead_that_comes_finds_what_was_there_before(
    practice: Practice, django_capture_on_commit_callbacks: Any
) -> None:
    before = study(practice)
    with django_capture_on_commit_callbacks(execute=True):
        jane = lead(practice)
    changes.sweep(practice.pk, quietly)
    assert Match.objects.get(study=before).lead == jane
    assert Matching.objects.get(practice=practice).swept_at is not None
    assert not LeadChange.objects.exists()


def test_a_lead_that_changes_has_its_studies_and_others_looked_at(
    practice: Practice, decider: Principal, django_capture_on_commit_callbacks: Any
) -> None:
    jane = lead(practice)
    hers, later = (
        matched(practice, 1),
        matched(practice, 2, PatientID="Z-99999", PatientName="Roe^Jane", PatientBirthDate="19711010"),
    )
    Matching.objects.create(practice=practice, swept_at=hers.changed_at)
    with django_capture_on_commit_callbacks(execute=True):
        people.change(
            decider, jane, {"family_name": "Roe", "patient_id": "Z-99999", "birth_date": "1971-10-10"}, source="test"
        )
    assert jobs(changes.LEADS) == [{"practice": practice.pk}]
    changes.drain(practice.pk, quietly)
    assert standing(later)[:2] == (MatchState.LINKED, jane.pk)
    assert standing(hers)[0] != MatchState.LINKED
    assert not LeadChange.objects.exists()


def test_a_corrected_patient_is_looked_at_anew(
    practice: Practice, decider: Principal, django_capture_on_commit_callbacks: Any
) -> None:
    jane = lead(practice)
    match = matched(practice, PatientName="Roe^Richard", PatientID="R-12345", PatientBirthDate="19330808")
    assert standing(match)[0] == MatchState.NO_LEAD
    Matching.objects.create(practice=practice)
    right = {"patient_name": "Doe^Jane", "patient_birth_date": "19700101", "patient_id": "P-100234"}
    with django_capture_on_commit_callbacks(execute=True):
        correcting.edit_patient(decider, match.study.patient_id, right, "wrong patient chosen")
    assert jobs(changes.MATCH) == [{"study": match.study_id}]
    match.study.refresh_from_db()
    deciding.match(match.study)
    assert standing(match)[:2] == (MatchState.LINKED, jane.pk)


def test_a_study_that_is_moved_to_somebody_else_waits_though_a_person_linked_it(
    practice: Practice, decider: Principal
) -> None:
    jane = lead(practice)
    match = matched(practice)
    verbs.link(decider, match.study, jane)
    typed = {"patient_name": "Roe^Richard", "patient_id": "R-1", "patient_birth_date": "19330808", "patient_sex": "M"}
    moved = correcting.move(decider, match.study.study_instance_uid, typed, "mixed up")
    match.study.refresh_from_db()
    deciding.match(match.study)
    assert standing(match)[:2] == (REVIEW, None)
    correcting.undo(decider, moved.pk)
    match.study.refresh_from_db()
    deciding.match(match.study)
    assert standing(match) == (MatchState.LINKED, jane.pk, How.PERSON)


def test_merged_patients_have_one_answer(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    first = matched(practice, 1, PatientID="A-11111", PatientName="Doe^J")
    second = matched(practice, 2, PatientID="B-22222", PatientName="Doe^J")
    correcting.merge(decider, first.study.patient_id, second.study.patient_id, "the same person")
    verbs.link(decider, Match.objects.get(pk=second.pk).study, jane)
    first.study.refresh_from_db()
    deciding.match(first.study)
    assert standing(first) == (MatchState.LINKED, jane.pk, How.PERSON)


def test_one_look_takes_so_many_queries_however_many_leads(practice: Practice) -> None:
    lead(practice)
    first = study(practice)
    with CaptureQueriesContext(connection) as looked:
        deciding.match(first)
    assert len(looked) <= MOST_QUERIES
    with CaptureQueriesContext(connection) as again:
        deciding.match(first)
    facts = [{**JANE, "external_id": f"E{n}", "patient_id": f"P-7{n:05}", "given_name": "Eve"} for n in range(300)]
    people.upsert_many(Principal.worker(practice.pk), practice.pk, facts, source="test")
    with CaptureQueriesContext(connection) as with_many:
        deciding.match(first)
    assert len(again) <= MOST_QUERIES_AGAIN
    assert len(with_many) == len(again)
