"""Many people at once: each row by itself, few statements, and the same again changes nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.core.errors import TooLarge
from apps.practice.leads import bulk, people
from apps.practice.leads.bulk import Taken
from apps.practice.models import Lead, LeadKey
from tests.practice.leads.people import JANE, add, heard, keeper, several

pytestmark = pytest.mark.django_db


def take(practice: Practice, rows: list[dict[str, Any]], **options: Any) -> list[Taken]:
    return people.upsert_many(keeper(practice), practice.pk, rows, source="test", **options)


def outcomes(taken: list[Taken]) -> list[str]:
    return [each.change.value for each in taken]


def queries(practice: Practice, rows: list[dict[str, Any]]) -> int:
    with CaptureQueriesContext(connection, ) as made:  # fmt: skip
        take(practice, rows)
    return len(made)


def test_each_row_stands_by_itself(practice: Practice) -> None:
    add(practice)
    rows = [{**JANE, "sex": "O"}, *several(2), {"external_id": "bad", "birth_date": "x"}, {"external_id": "nameless"}]
    taken = take(practice, rows)
    assert outcomes(taken) == ["changed", "created", "created", "wrong", "wrong"]
    assert [each.errors[0][0] for each in taken[3:]] == ["birthDate", "familyName"]
    assert taken[0].fields == ("sex",)
    assert Lead.objects.count() == 3
    assert set(outcomes(take(practice, rows[:3]))) == {"same"}


def test_a_preview_saves_nothing(practice: Practice) -> None:
    add(practice)
    rows = [{**JANE, "sex": "O"}, *several(2), {"family_name": "x" * 99}]
    assert outcomes(take(practice, rows, is_preview=True)) == ["changed", "created", "created", "wrong"]
    assert Lead.objects.get().sex == "F"
    assert Event.objects.count() == 1


def test_the_statements_do_not_grow_with_the_rows(practice: Practice) -> None:
    queries(practice, several(1))
    few, many = several(5), several(30)
    Lead.objects.all().delete()
    new = queries(practice, few[:2]), queries(practice, several(30)[2:])
    changed = [{**row, "sex": "F"} for row in few], [{**row, "sex": "M"} for row in many]
    assert new[0] == new[1]
    assert queries(practice, changed[0]) == queries(practice, changed[1])


def test_a_row_in_two_places_is_told(practice: Practice) -> None:
    taken = take(practice, [JANE, {**JANE, "sex": "M"}, {"patient_id": "D-1", "family_name": "Roe"}])
    assert outcomes(taken) == ["created", "wrong", "wrong"]
    assert [each.errors for each in taken[1:]] == [
        (("externalId", "A row before this one is about the same person."),),
        (("patientId", "A row before this one is about the same person."),),
    ]


def test_a_patient_id_finds_a_lead_that_the_software_has_not_named_yet(practice: Practice) -> None:
    lead = add(practice, external_id="")
    taken = take(practice, [JANE])[0]
    assert (taken.change, taken.lead, taken.fields) == (bulk.Change.CHANGED, lead, ("external_id",))


def test_a_patient_id_of_another_person_is_wrong(practice: Practice) -> None:
    add(practice)
    add(practice, external_id="P-2", patient_id="D-2")
    taken = take(practice, [{"external_id": "P-2", "patient_id": "D-1"}, {**JANE, "external_id": "P-3"}])
    assert [each.errors[0][0] for each in taken] == ["patientId", "patientId"]


def test_without_an_id_the_name_and_birth_date_tell(practice: Practice) -> None:
    row = {"family_name": "Doé", "given_name": "JANE", "birth_date": "1980-01-31", "sex": "F"}
    nameless: list[dict[str, Any]] = [row, {**row, "birth_date": "1981-01-31"}, {**row, "birth_date": ""}]
    lead = add(practice)
    taken = take(practice, nameless, by_person=True)
    assert outcomes(taken) == ["changed", "created", "wrong"]
    assert (taken[0].lead, taken[2].errors[0][0]) == (lead, "birthDate")
    assert outcomes(take(practice, nameless[:2], by_person=True)) == ["same", "same"]


def test_two_of_the_same_name_and_birth_date_are_not_guessed_at(practice: Practice) -> None:
    add(practice)
    add(practice, external_id="P-2", patient_id="")
    row = {"family_name": "Doe", "given_name": "Jane", "birth_date": "1980-01-31"}
    assert take(practice, [row], by_person=True)[0].errors[0][0] == "externalId"


def test_other_practices_leads_are_not_touched(practice: Practice, other_practice: Practice) -> None:
    add(other_practice)
    assert outcomes(take(practice, [{**JANE, "sex": "M"}])) == ["created"]
    assert Lead.objects.get(practice=other_practice).sex == "F"


def test_every_lead_is_on_record_and_told_of_once(
    practice: Practice, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with heard() as told, django_capture_on_commit_callbacks(execute=True):
        taken = take(practice, several(3))
    pks = {each.lead.pk for each in taken if each.lead}
    assert told == [pks]
    assert set(Event.objects.values_list("detail", flat=True)) == {f"lead {pk} added" for pk in pks}


def test_keys_are_written_for_all(practice: Practice) -> None:
    take(practice, several(4))
    assert LeadKey.objects.filter(key__startswith="t:").count() == 4


def test_more_than_are_taken_at_once_are_refused(practice: Practice) -> None:
    with pytest.raises(TooLarge, match="in parts"):
        take(practice, [{}] * (bulk.MOST_AT_ONCE + 1))


def test_progress_is_told_by_chunks(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    steps: list[tuple[int, int]] = []
    take(practice, several(5), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(2, 5), (4, 5), (5, 5)]
