"""What was planned and for whom: the step on the worklist, its appointment, and the practice's lead."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive.models import Study
from apps.practice.models import Appointment, Lead, Match, MatchState
from apps.worklist.models import ScheduledStep
from tests.conftest import PASSWORD
from tests.lesions.studies import imaged
from tests.reports.filling.made import said
from tests.rights import give
from tests.worklist.planned import plan

pytestmark = pytest.mark.django_db

ATTRIBUTES: dict[str, Any] = {
    "00401002": {"vr": "LO", "Value": ["Cough for three weeks"]},
    "00321032": {"vr": "PN", "Value": [{"Alphabetic": "House^Gregory"}]},
}
WORDS = (
    "appointment.indication", "appointment.requestingPhysician", "appointment.performingPhysician",
    "appointment.description", "appointment.practitioner", "appointment.date", "appointment.priority", "lead.name",
    "lead.phone", "lead.birthDate",
)  # fmt: skip


@pytest.fixture
def study(practice: Practice) -> Study:
    study = imaged(practice, 1)
    step = plan(practice, attributes=ATTRIBUTES)
    ScheduledStep.objects.filter(pk=step.pk).update(study=study)
    return study


def test_the_step_alone(study: Study, user: User) -> None:
    assert said(study, user, *WORDS) == [
        "Cough for three weeks", "House, Gregory", "Strange, Stephen", "Panoramic X-ray", "Strange, Stephen",
        "2024-05-17", "Routine", "", "", "",
    ]  # fmt: skip


def test_its_appointment_and_the_lead(study: Study, user: User, practice: Practice) -> None:
    lead = Lead.objects.create(
        practice=practice, family_name="Doe", given_name="Jane", birth_date="1980-01-02", phones=["+1 555 0100"]
    )
    Match.objects.update_or_create(
        study=study, defaults={"practice": practice, "lead": lead, "state": MatchState.LINKED}
    )
    Appointment.objects.create(
        practice=practice, lead=lead, step=ScheduledStep.objects.get(), description="Check-up",
        start_at=datetime(2024, 5, 18, 12, tzinfo=UTC),
    )  # fmt: skip
    found = said(study, user, *WORDS)
    assert found[3:6] == ["Check-up", "Strange, Stephen", "2024-05-18"]
    assert found[7:] == ["Doe, Jane", "+1 555 0100", "1980-01-02"]
    narrow = User.objects.create_user("narrow", password=PASSWORD, practice=practice)
    give(narrow, practice, Permission.VIEW, Permission.REPORT, scope="study", subject=study.study_instance_uid)
    found = said(study, narrow, *WORDS)
    assert found[0] == "Cough for three weeks"
    assert found[7:] == ["", "", ""]
