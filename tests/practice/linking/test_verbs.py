"""What people decide: it stands, holds for the patient, is on record, and can be taken back."""

from datetime import date

import pytest

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict, NotFound, Refused
from apps.practice.leads import people
from apps.practice.linking import deciding, verbs
from apps.practice.models import How, Lead, MatchState, Verdict
from tests.practice.linking.cases import REVIEW, lead, matched, said, standing, study

pytestmark = pytest.mark.django_db

STRANGER = {"PatientID": "X-77777", "PatientName": "Roe^Richard", "PatientBirthDate": "19330808", "PatientSex": "M"}


@pytest.fixture
def decider(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, "dora")


def test_a_persons_word_outranks_the_servers(practice: Practice, decider: Principal) -> None:
    jane, other = lead(practice), lead(practice, family_name="Poe", given_name="Edgar", patient_id="P-2")
    match = matched(practice)
    assert match.lead == jane
    verbs.link(decider, match.study, other, reason="he was here", source="test")
    deciding.match(match.study)
    assert standing(match) == (MatchState.LINKED, other.pk, How.PERSON)
    assert said(match) == [Verdict.LINK, Verdict.LOOKED]
    event = Event.objects.filter(action=Event.Action.MATCH).latest("pk")
    assert (event.actor, event.reason, event.source) == ("dora", "he was here", "test")


def test_it_holds_for_the_patients_other_studies_that_say_the_same(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    first, second = matched(practice, 1, **STRANGER), matched(practice, 2, **STRANGER)
    otherwise = matched(practice, 3, **{**STRANGER, "PatientName": "Poe^Edgar"})
    verbs.link(decider, first.study, jane)
    assert standing(second) == (MatchState.LINKED, jane.pk, How.PERSON)
    assert standing(otherwise)[0] == MatchState.NO_LEAD
    assert standing(matched(practice, 4, **STRANGER)) == (MatchState.LINKED, jane.pk, How.PERSON)


def test_undone_it_is_undone_wherever_it_held(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    first, second = matched(practice, 1, **STRANGER), matched(practice, 2, **STRANGER)
    verbs.link(decider, first.study, jane)
    verbs.undo_last(decider, second.study)
    assert [standing(each)[:2] for each in (first, second)] == [(MatchState.NO_LEAD, None)] * 2
    made = first.decisions.get(verdict=Verdict.LINK)
    assert made.undone_by == "dora"
    with pytest.raises(Conflict):
        verbs.undo_last(decider, first.study)


def test_only_the_last_decision_is_undone(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    match = matched(practice, **STRANGER)
    verbs.link(decider, match.study, jane)
    first = match.decisions.latest("pk")
    verbs.say_no_lead(decider, match.study)
    with pytest.raises(Conflict):
        verbs.undo(decider, first)
    verbs.undo_last(decider, match.study)
    assert standing(match) == (MatchState.LINKED, jane.pk, How.PERSON)


def test_a_rejection_is_remembered_for_the_patient(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    first, second = matched(practice, 1), matched(practice, 2)
    verbs.reject(decider, first.study, jane)
    assert [standing(each)[:2] for each in (first, second)] == [(MatchState.NO_LEAD, None)] * 2
    assert matched(practice, 3).lead is None
    verbs.undo_last(decider, first.study)
    assert matched(practice, 4).lead == jane


def test_after_a_rejection_nobody_else_is_linked_by_the_server(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    match = matched(practice)
    verbs.reject(decider, match.study, jane)
    other = lead(practice, patient_id="", external_id="E1")
    deciding.match(match.study)
    assert standing(match)[:2] == (REVIEW, None)
    assert [each.lead_id for each in match.candidates.all()] == [other.pk]


def test_a_link_taken_back_waits_for_people(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    match = matched(practice)
    verbs.unlink(decider, match.study)
    deciding.match(match.study)
    assert standing(match)[:2] == (REVIEW, None)
    assert [each.lead_id for each in match.candidates.all()] == [jane.pk]


def test_no_lead_stays_so_when_a_lead_comes(practice: Practice, decider: Principal) -> None:
    match = matched(practice)
    verbs.say_no_lead(decider, match.study, reason="a phantom")
    lead(practice)
    deciding.match(match.study)
    assert standing(match) == (MatchState.NO_LEAD, None, How.PERSON)


def test_the_second_of_two_is_told(practice: Practice, decider: Principal) -> None:
    jane, other = lead(practice), lead(practice, family_name="Poe", patient_id="P-2")
    match = matched(practice, **STRANGER)
    verbs.link(decider, match.study, jane, seen=match.version)
    with pytest.raises(Conflict, match="in the meantime"):
        verbs.link(decider, match.study, other, seen=match.version)
    assert standing(match)[1] == jane.pk


def test_a_lead_is_made_of_what_the_images_say(practice: Practice, decider: Principal) -> None:
    match = verbs.create_lead_of(decider, study(practice, PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう"))
    made = match.lead
    assert made is not None
    assert (match.state, match.how) == (MatchState.LINKED, How.PERSON)
    assert (made.family_name, made.given_name, made.birth_date, made.sex) == ("Yamada", "Tarou", date(1970, 1, 1), "F")
    assert (made.patient_id, [each["family"] for each in made.other_names]) == ("P-100234", ["山田", "やまだ"])


class TestDeclared:
    """What whoever sends a study says of it."""

    def test_is_believed(self, practice: Practice) -> None:
        jane = lead(practice)
        sent = study(practice, PatientID="ANON", PatientName=None, PatientBirthDate=None, PatientSex=None)
        match = verbs.link(uploader(practice), sent, jane, how=How.DECLARED)
        assert standing(match) == (MatchState.LINKED, jane.pk, How.DECLARED)
        deciding.match(sent)
        assert standing(match) == (MatchState.LINKED, jane.pk, How.DECLARED)

    def test_is_not_believed_where_the_images_say_somebody_else(self, practice: Practice, decider: Principal) -> None:
        jane = lead(practice)
        sent = study(practice, **STRANGER)
        match = verbs.link(uploader(practice), sent, jane, how=How.DECLARED)
        assert standing(match) == (REVIEW, None, How.DECLARED)
        assert [each.lead_id for each in match.candidates.all()] == [jane.pk]
        assert "The given name is another." in match.notes
        verbs.link(decider, sent, jane)
        assert standing(match) == (MatchState.LINKED, jane.pk, How.PERSON)

    def test_changes_nothing_that_is_decided(self, practice: Practice, decider: Principal) -> None:
        jane, other = lead(practice), lead(practice, family_name="Poe", patient_id="P-2")
        sent = study(practice)
        verbs.link(decider, sent, other)
        with pytest.raises(Conflict):
            verbs.link(uploader(practice), sent, jane, how=How.DECLARED)


def uploader(practice: Practice) -> Principal:
    return Principal.worker(practice.pk, "ulla", frozenset({Permission.VIEW, Permission.UPLOAD}))


def test_deciding_takes_the_permission_to_merge(practice: Practice) -> None:
    jane, match = lead(practice), matched(practice)
    for deed in (lambda who, of: verbs.link(who, of, jane), verbs.say_no_lead, verbs.unlink, verbs.undo_last):
        with pytest.raises(Refused):
            deed(uploader(practice), match.study)


def test_a_lead_of_another_practice_or_removed_is_none(
    practice: Practice, other_practice: Practice, decider: Principal
) -> None:
    gone = lead(practice)
    people.remove(decider, gone, source="test")
    gone.refresh_from_db()
    for nobody in (lead(other_practice), gone):
        with pytest.raises(NotFound):
            verbs.link(decider, study(practice), nobody)


def test_a_lead_that_goes_leaves_its_studies_to_people(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    match = matched(practice)
    verbs.link(decider, match.study, jane)
    people.remove(decider, jane, source="test")
    deciding.match(match.study)
    assert standing(match)[:2] == (REVIEW, None)
    people.restore(decider, Lead.objects.get(pk=jane.pk), source="test")
    deciding.match(match.study)
    assert standing(match) == (MatchState.LINKED, jane.pk, How.PERSON)


def test_two_answers_for_one_patient_are_for_people(practice: Practice, decider: Principal) -> None:
    jane, other = lead(practice), lead(practice, family_name="Poe", patient_id="P-2")
    first, second = study(practice, 1), study(practice, 2)
    verbs.link(decider, first, jane)
    verbs.link(decider, second, other)
    assert standing(matched(practice, 3))[0] == REVIEW


def test_what_was_decided_outlives_the_study_where_it_was_said(practice: Practice, decider: Principal) -> None:
    jane = lead(practice)
    first, second = matched(practice, 1, **STRANGER), matched(practice, 2, **STRANGER)
    verbs.link(decider, first.study, jane)
    first.study.delete()
    deciding.match(second.study)
    assert standing(second) == (MatchState.LINKED, jane.pk, How.PERSON)
    third, fourth = matched(practice, 3), study(practice, 4)
    verbs.reject(decider, third.study, jane)
    third.study.delete()
    assert deciding.match(fourth).lead is None
