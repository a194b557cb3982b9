"""Recordings in the admin: started for a step, watched, stopped, and by whom."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.video.live.models import Recording, RecordingSegment, RecordingState
from apps.worklist.models import ScheduledStep
from tests.video.admin.conftest import Make

pytestmark = pytest.mark.django_db
START = "admin:video_recording_start"
LIST = "admin:video_recording_changelist"


@pytest.fixture(autouse=True)
def networks(settings: Settings) -> None:
    settings.RECORDING_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def recording(practice: Practice) -> Recording:
    return Recording.objects.create(
        practice=practice, name="Room 2", place="rtsp://127.0.0.1/stream", address="sealed", segment_seconds=300,
        most_seconds=3600, folder="0" * 32, state=RecordingState.RECORDING, study_instance_uid="1.2.3",
        series_instance_uid="1.2.3.4",
    )  # fmt: skip


def page(recording: Recording, name: str = "change") -> str:
    return reverse(f"admin:video_recording_{name}", args=[recording.pk])


def asked(**changed: Any) -> dict[str, Any]:
    address = "rtsp://nora:geheim@127.0.0.1:8554/stream"
    return {"name": ["Room 2", ""], "address": [address, ""], "hours": 2, "minutes": 5} | changed


def said(answer: Any) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_one_is_started_for_a_step(admin: Client, practice: Practice) -> None:
    step = ScheduledStep.objects.create(
        practice=practice, step_id="S1", patient_id="P-1", patient_name="Doe^Jane", modality="ES",
        start_date=timezone.localdate(),
    )  # fmt: skip
    assert "Doe, Jane" in admin.get(reverse(START)).content.decode()
    answer = admin.post(reverse(START), asked(step=step.pk))
    row = Recording.objects.get()
    assert answer["Location"] == page(row)
    assert (row.step, row.name, row.most_seconds, row.segment_seconds) == (step, "Room 2", 7200, 300)
    shown = admin.get(page(row)).content.decode()
    assert "Doe, Jane" in shown
    assert "geheim" not in shown + admin.get(reverse(LIST)).content.decode()


def test_what_is_refused_is_said_on_the_page(admin: Client) -> None:
    answer = admin.post(reverse(START), asked(address=["rtsp://8.8.8.8/stream"], patient_id="P-1"))
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not Recording.objects.exists()


def test_a_site_that_records_nothing_says_so(admin: Client, settings: Settings) -> None:
    settings.RECORDING_NETWORKS = ()
    assert "FOVEA_RECORDING_NETWORKS" in admin.post(reverse(START), asked(patient_id="P-1")).content.decode()
    assert reverse(LIST) not in admin.get(reverse("admin:index")).content.decode()


def test_its_page_leads_to_what_became_of_it(admin: Client, recording: Recording, make: Make) -> None:
    video = make()
    facts = {"number": 1, "started_at": timezone.now(), "size": 1 << 20, "sop_instance_uid": "1.2.9"}
    RecordingSegment.objects.create(recording=recording, video=video, **facts)
    shown = admin.get(page(recording)).content.decode()
    assert reverse("admin:video_video_change", args=[video.pk]) in shown
    assert 'data-segments="1"' in shown


def test_it_is_stopped_once(admin: Client, recording: Recording) -> None:
    assert "being ended" in said(admin.post(page(recording, "stop")))
    recording.refresh_from_db()
    assert recording.state == RecordingState.STOPPING
    assert page(recording, "stop") not in admin.get(page(recording)).content.decode()
    Recording.objects.update(state=RecordingState.DONE)
    assert "has ended" in said(admin.post(page(recording, "stop")))


def test_another_practice_sees_nothing_of_it(elsewhere: Client, recording: Recording) -> None:
    assert elsewhere.get(page(recording)).status_code == 404
    assert elsewhere.post(page(recording, "stop")).status_code == 404
    assert "Room 2" not in elsewhere.get(reverse(LIST)).content.decode()
    recording.refresh_from_db()
    assert recording.state == RecordingState.RECORDING


def test_who_is_not_signed_in_is_asked_to(anonymous: Client, recording: Recording) -> None:
    for address in (reverse(START), page(recording, "stop")):
        assert "login" in anonymous.post(address, asked())["Location"]
    assert Recording.objects.get().state == RecordingState.RECORDING
