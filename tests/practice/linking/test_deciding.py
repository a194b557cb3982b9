"""What the server makes of studies: certain, doubtful, nobody's; and that people's word stands."""

from typing import Any

import pytest

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.practice.linking import deciding
from apps.practice.models import How, Match, MatchState
from tests.practice.linking.cases import LOOKED, REVIEW, lead, matched, said, standing, study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"PatientName": "DOE^JANE^^^"},
        {"PatientName": "Jane^Doe"},
        {"PatientID": "P-100243", "PatientName": "Dóe^Jané"},
        {"PatientID": None},
    ],
)
def test_who_is_certain_is_linked(practice: Practice, attributes: dict[str, Any]) -> None:
    jane = lead(practice)
    match = matched(practice, **attributes)
    assert standing(match) == (MatchState.LINKED, jane.pk, How.MACHINE)
    assert (match.probability or 0) > 0.99
    assert {each["field"] for each in match.explanation} >= {"family", "given", "birthDate"}
    assert "Doe" not in str(match.explanation)


def test_a_stranger_is_nobodys(practice: Practice) -> None:
    lead(practice)
    match = matched(practice, PatientID="X9", PatientName="Roe^Richard", PatientBirthDate="19330808", PatientSex="M")
    assert standing(match) == (MatchState.NO_LEAD, None, How.MACHINE)


def test_a_twin_is_for_people_to_tell(practice: Practice) -> None:
    jane = lead(practice, addresses=[{"line": "1 Main Street", "postcode": "H2X 1Y4", "city": "Montreal"}])
    match = matched(practice, PatientID=None, PatientName="Doe^Ruth", PatientAddress="1 Main Street, Montreal")
    assert standing(match)[:2] == (REVIEW, None)
    assert [each.lead_id for each in match.candidates.all()] == [jane.pk]
    assert any("twin" in note for note in match.notes)


def test_both_twins_known_each_has_their_own(practice: Practice) -> None:
    jane, ruth = lead(practice), lead(practice, given_name="Ruth", patient_id="P-100299")
    assert matched(practice, PatientID=None).lead == jane
    assert matched(practice, 2, PatientID=None, PatientName="Doe^Ruth").lead == ruth


def test_leads_of_another_practice_and_removed_ones_are_nobody(practice: Practice, other_practice: Practice) -> None:
    lead(other_practice)
    assert standing(matched(practice))[0] == MatchState.NO_LEAD


def test_looking_again_changes_nothing_and_says_nothing(practice: Practice) -> None:
    lead(practice)
    match = matched(practice)
    version = match.version
    deciding.match(match.study)
    match.refresh_from_db()
    assert (match.version, said(match)) == (version, [LOOKED])
    event = Event.objects.get(action=Event.Action.MATCH)
    assert (event.actor, event.study_instance_uid) == ("matching", match.study.study_instance_uid)
    assert "Doe" not in event.detail


def test_a_match_goes_with_its_study(practice: Practice) -> None:
    lead(practice)
    matched(practice).study.delete()
    assert not Match.objects.exists()


def test_other_identifiers_of_the_images_count(practice: Practice) -> None:
    jane = lead(practice, patient_id="", health_number="DOEJ70510112", health_number_system="RAMQ")
    match = matched(practice, PatientID="Z1", PatientBirthDate=None, OtherPatientIDs="DOEJ70510112")
    assert match.lead == jane


def test_a_study_without_any_patient_is_nobodys(practice: Practice) -> None:
    lead(practice)
    nameless = study(practice, PatientID=None, PatientName=None, PatientBirthDate=None, PatientSex=None)
    assert standing(deciding.match(nameless))[0] == MatchState.NO_LEAD
