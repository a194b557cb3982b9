"""The page on which videos are dropped: what it offers, to whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Grant, Practice
from apps.practice.models import Appointment, Lead
from apps.video.models import MaskTemplate
from apps.worklist.models import ScheduledStep, StepState

pytestmark = pytest.mark.django_db
PAGE = "admin:video_video_upload"
CAMERAS = "admin:video_video_cameras"


def planned(practice: Practice, name: str, *, days: int = 0, state: StepState = StepState.SCHEDULED) -> ScheduledStep:
    today = timezone.localdate()
    return ScheduledStep.objects.create(
        practice=practice, step_id=name[:16], patient_id=name, patient_name=name, modality="ES",
        start_date=today + timedelta(days=days), state=state,
    )  # fmt: skip


def shown(client: Client, query: str = "") -> str:
    answer = client.get(reverse(PAGE) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_steps_of_these_days_are_offered(admin: Client, practice: Practice, other_practice: Practice) -> None:
    planned(practice, "Doe^Jane")
    planned(practice, "Long^Ago", days=-30)
    planned(practice, "Called^Off", state=StepState.CANCELLED)
    planned(other_practice, "Other^Tom")
    page = shown(admin)
    assert "Doe, Jane" in page
    assert not any(name in page for name in ("Long, Ago", "Called, Off", "Other, Tom"))


def test_a_step_that_the_address_names_is_chosen(admin: Client, practice: Practice, other_practice: Practice) -> None:
    old = planned(practice, "Long^Ago", days=-30)
    foreign = planned(other_practice, "Other^Tom")
    assert f'<option value="{old.pk}" data-modality="ES" selected>' in shown(admin, f"?step={old.pk}")
    assert "Other, Tom" not in shown(admin, f"?step={foreign.pk}")


def test_appointments_that_no_device_knows_are_offered(admin: Client, practice: Practice) -> None:
    lead = Lead.objects.create(practice=practice, family_name="Doe", given_name="Jane")
    Appointment.objects.create(practice=practice, lead=lead, start_at=timezone.now(), description="Filming")
    page = shown(admin)
    assert "Filming" in page
    assert 'name="appointment"' in page


def test_masks_of_the_practice_alone_are_offered(admin: Client, practice: Practice, other_practice: Practice) -> None:
    MaskTemplate.objects.create(practice=practice, name="Tower 2")
    MaskTemplate.objects.create(practice=other_practice, name="Tower 9")
    page = shown(admin)
    assert "Tower 2" in page
    assert "Tower 9" not in page


def test_films_of_several_cameras_have_a_place_each(admin: Client, practice: Practice) -> None:
    planned(practice, "Doe^Jane")
    page = admin.get(reverse(CAMERAS)).content.decode()
    assert "Doe, Jane" in page
    assert page.count('name="files"') == 4


@pytest.mark.parametrize("address", [PAGE, CAMERAS])
def test_who_is_not_signed_in_is_asked_to(anonymous: Client, address: str) -> None:
    assert "login" in anonymous.get(reverse(address))["Location"]


@pytest.mark.parametrize("address", [PAGE, CAMERAS])
def test_it_is_closed_to_who_may_not_store(admin: Client, address: str) -> None:
    Grant.objects.all().delete()
    assert admin.get(reverse(address)).status_code == 403
