"""Leads, and studies that arrive of people who may be one of them."""

from datetime import date
from typing import Any

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.practice.leads import people
from apps.practice.linking import deciding
from apps.practice.models import Lead, Match, MatchState, Verdict
from tests import dicoms
from tests.worklist.arriving import arrive

JANE: dict[str, Any] = {
    "family_name": "Doe",
    "given_name": "Jane",
    "birth_date": date(1970, 1, 1),
    "sex": "F",
    "patient_id": "P-100234",
}
ON_IMAGES: dict[str, Any] = {
    "PatientID": "P-100234",
    "PatientName": "Doe^Jane",
    "PatientBirthDate": "19700101",
    "PatientSex": "F",
}


def lead(practice: Practice, **facts: Any) -> Lead:
    """Jane Doe, unless the facts say otherwise."""
    return people.create(Principal.worker(practice.pk, "tests"), practice.pk, {**JANE, **facts}, source="test")


def study(practice: Practice, number: int = 1, **attributes: Any) -> Study:
    """A study of Jane Doe, unless the attributes say otherwise; each number is another study."""
    uids = {
        "StudyInstanceUID": dicoms.uid(800, number),
        "SeriesInstanceUID": dicoms.uid(800, number, 1),
        "SOPInstanceUID": dicoms.uid(800, number, 1, 1),
    }
    return arrive(practice, **{**uids, **ON_IMAGES, **attributes})


def matched(practice: Practice, number: int = 1, **attributes: Any) -> Match:
    """What the server makes of such a study."""
    return deciding.match(study(practice, number, **attributes))


def standing(match: Match) -> tuple[str, int | None, str]:
    """What a match has come to: its state, lead, and how that is known."""
    match.refresh_from_db()
    return match.state, match.lead_id, match.how


def said(match: Match) -> list[str]:
    """The decisions about it, the last first."""
    return [each.verdict for each in match.decisions.all()]


REVIEW = MatchState.REVIEW.value
LOOKED = Verdict.LOOKED.value
