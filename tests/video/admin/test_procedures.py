"""Procedures of several cameras in the admin: how they were aligned, what to do where not, and who sees them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from apps.jobs.models import Job, State
from apps.jobs.queue import enqueue
from apps.video.cameras.asking import KIND
from apps.video.cameras.models import Alignment, Procedure
from apps.worklist.models import ScheduledStep
from tests.dicoms import ct_slice
from tests.video.admin.conftest import Make

pytestmark = pytest.mark.django_db
LIST = "admin:video_procedure_changelist"
REFUSAL = "What Scope and Room heard does not tell when they began."


@pytest.fixture
def procedure(practice: Practice) -> Procedure:
    """Two films that are waiting to be aligned by what they heard."""
    row = Procedure.objects.create(
        practice=practice, job=enqueue(KIND, practice=practice.pk), alignment=Alignment.SOUND,
        study_instance_uid="1.2.3", synchronization_uid="1.2.3.9",
        metadata={"patient": {"name": "Doe^Jane", "id": "P-1"}},
    )  # fmt: skip
    for number, name in enumerate(("Room", "Scope"), 1):
        row.cameras.create(number=number, name=name, file_name=f"{name}.mp4", size=1 << 20, sha256="0" * 64)
    return row


def page(procedure: Procedure) -> str:
    return reverse("admin:video_procedure_change", args=[procedure.pk])


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def ended(procedure: Procedure, state: State, error: str = "") -> None:
    Job.objects.filter(video_procedure=procedure).update(state=state, error=error)


def test_one_that_is_being_aligned_is_followed(admin: Client, procedure: Procedure) -> None:
    listed, shown = text_of(admin, reverse(LIST)), text_of(admin, page(procedure))
    assert "Room, Scope" in listed
    assert "Doe, Jane" in listed
    assert page(procedure) in listed
    assert f'data-progress="/api/videos/procedures/{procedure.pk}"' in shown
    assert 'id="advice"' not in shown


def test_its_page_tells_what_was_found_and_leads_to_what_it_became(
    admin: Client, procedure: Procedure, practice: Practice, make: Make
) -> None:
    video = make(State.RUNNING)
    procedure.cameras.filter(number=1).update(offset=0.0, video=video)
    procedure.cameras.filter(number=2).update(offset=1.4996, confidence=3.25)
    ended(procedure, State.DONE)
    store_one([ct_slice(StudyInstanceUID="1.2.3")], Origin("test", practice.pk, "nora"))
    shown = text_of(admin, page(procedure))
    assert '<td class="number">0.000</td><td class="number">—</td>' in shown
    assert '<td class="number">1.500</td><td class="number">3.25</td>' in shown
    assert f'{reverse("admin:video_video_change", args=[video.pk])}">{State.RUNNING.label}</a>' in shown
    assert reverse("admin:archive_study_change", args=[Study.objects.get().pk]) in shown
    assert "data-progress=" not in shown


def test_where_the_sounds_told_nothing_it_says_what_to_do(
    admin: Client, procedure: Procedure, practice: Practice
) -> None:
    procedure.step = ScheduledStep.objects.create(
        practice=practice, step_id="S1", patient_name="Doe^Jane", modality="ES", start_date=timezone.localdate()
    )
    procedure.save()
    ended(procedure, State.FAILED, REFUSAL)
    assert REFUSAL in text_of(admin, reverse(LIST))
    shown = text_of(admin, page(procedure))
    assert REFUSAL in shown
    assert "say when each camera began" in shown
    again = f"{reverse('admin:video_video_cameras')}?alignment=times&step={procedure.step_id}"
    assert again.replace("&", "&amp;") in shown
    form = text_of(admin, again)
    assert 'value="times" checked' in form
    assert 'value="sound" checked' not in form
    assert f'<option value="{procedure.step_id}" data-modality="ES" selected>' in form


def test_what_was_stopped_is_sent_again(admin: Client, procedure: Procedure) -> None:
    ended(procedure, State.CANCELLED)
    shown = text_of(admin, page(procedure))
    assert "Send the films again." in shown
    assert "say when each camera began" not in shown


def test_what_people_wrote_is_shown_as_text(admin: Client, procedure: Procedure) -> None:
    procedure.cameras.update(name="<b>Room</b>", file_name="<i>film</i>")
    shown = text_of(admin, reverse(LIST)) + text_of(admin, page(procedure))
    assert "<b>Room" not in shown
    assert "<i>film" not in shown


def test_nothing_is_changed_here(admin: Client, procedure: Procedure) -> None:
    for name in ("change", "delete"):
        assert admin.post(reverse(f"admin:video_procedure_{name}", args=[procedure.pk])).status_code == 403
    assert admin.get(reverse("admin:video_procedure_add")).status_code == 403
    assert Procedure.objects.filter(pk=procedure.pk).exists()


def test_another_practice_sees_nothing_of_it(elsewhere: Client, procedure: Procedure) -> None:
    assert elsewhere.get(page(procedure)).status_code == 404
    assert "Room, Scope" not in text_of(elsewhere, reverse(LIST))


def test_who_is_not_signed_in_is_asked_to(anonymous: Client, procedure: Procedure) -> None:
    for address in (reverse(LIST), page(procedure)):
        assert "login" in anonymous.get(address)["Location"]
