"""POST /api/videos: what is taken, what is refused without leaving anything, whose a film becomes."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import quotas
from apps.archive.models import Usage
from apps.jobs.models import Job
from apps.practice.models import Lead
from apps.video import receiving, wishes
from apps.video.models import MaskTemplate, PracticePolicy, Video
from apps.video.objects import sidecar, uids
from apps.video.receiving import Sender
from tests.conftest import client_of
from tests.practice.appointments.booked import book, lead_of
from tests.rights import give
from tests.uploads import resuming
from tests.video.intake.brought import FILM, ONE, VIDEOS, brought, errors, kept, send
from tests.worklist.arriving import plan

pytestmark = pytest.mark.django_db


def test_a_film_is_safe_and_its_job_asked_for(client: Client, practice: Practice, user: User) -> None:
    answer = send(client, preset="dental", patientName="Doe^Jane", patientId="P7", patientBirthDate="1970-01-31")
    body = answer.json()
    told = body["results"][0]
    assert (answer.status_code, body["count"], told["state"], told["name"]) == (202, 1, "queued", "film.mp4")
    assert answer["Location"].endswith(f"{VIDEOS}/{told['id']}")
    video = Video.objects.select_related("job").get()
    assert (video.practice, video.requested_by, video.source, video.preset) == (practice, user, "API", "dental")
    assert (video.size, video.sha256) == (len(FILM), hashlib.sha256(FILM).hexdigest())
    assert video.job is not None
    assert (video.job.kind, video.job.parameters, video.job.practice) == ("video-convert", {}, practice)
    assert [path.read_bytes() for path in kept()] == [FILM]
    patient = sidecar.decoded(video.metadata).patient
    assert (patient.name, patient.id, str(patient.birth_date)) == ("Doe^Jane", "P7", "1970-01-31")


def test_films_of_one_request_make_one_study_each_a_series(client: Client) -> None:
    answer = send(client, {"a.mp4": FILM, "b.mp4": FILM + b"b"})
    assert answer.json()["count"] == 2
    assert answer["Location"].endswith(f"?batch={answer.json()['batch']}")
    told = [sidecar.decoded(video.metadata) for video in Video.objects.all()]
    assert len({uids.study_uid(each) for each in told}) == 1
    assert len({uids.series_uid(each) for each in told}) == len({uids.instance_uid(each) for each in told}) == 2


def test_requests_of_one_batch_make_one_study(client: Client) -> None:
    videos = [brought(client, batch="tuesday") for _ in range(2)]
    others = [brought(client) for _ in range(2)]
    studies = [uids.study_uid(sidecar.decoded(video.metadata)) for video in (*videos, *others)]
    assert studies[0] == studies[1]
    assert len(set(studies)) == 3


def test_each_film_has_its_own_sidecar(client: Client) -> None:
    files = {
        "a.mp4": FILM,
        "b.mp4": FILM,
        "c.mp4": FILM,
        "a.json": json.dumps({"patient": {"id": "A"}, "study": {"description": "of a"}}).encode(),
        "b.mp4.json": b'{"patient": {"id": "B"}}',
    }
    send(client, files, metadata='{"patient": {"id": "ALL"}}', studyDescription="said")
    told = {video.name: sidecar.decoded(video.metadata) for video in Video.objects.all()}
    assert {name: each.patient.id for name, each in told.items()} == {"a.mp4": "A", "b.mp4": "B", "c.mp4": "ALL"}
    # The form is the last to say something.
    assert {each.study.description for each in told.values()} == {"said"}


def test_a_step_says_whose_it_is_whatever_else_is_said(client: Client, practice: Practice) -> None:
    step = plan(practice, patient_name="Doe^Jane", patient_id="P1", modality="ES", accession_number="A1")
    video = brought(client, step=step.pk, patientName="Else^Somebody", metadata='{"patient": {"id": "P2"}}')
    told = sidecar.decoded(video.metadata)
    assert (told.patient.name, told.patient.id, told.study.accession_number) == ("Doe^Jane", "P1", "A1")
    assert (uids.study_uid(told), told.requested.step_id) == (step.study_instance_uid, step.step_id)
    assert (video.step, video.preset) == (step, "endoscopy")


def test_a_lead_and_an_appointment_say_whose_it_is(client: Client, practice: Practice) -> None:
    appointment = book(practice, lead_of(practice, given_name="Jane", family_name="Doe"))
    of_lead = sidecar.decoded(brought(client, lead=appointment.lead.pk).metadata)
    assert of_lead.patient.name == appointment.lead.dicom_name
    films = [sidecar.decoded(brought(client, appointment=appointment.pk).metadata) for _ in range(2)]
    assert {each.patient.id for each in films} == {appointment.lead.dicom_patient_id}
    assert len({uids.study_uid(each) for each in films}) == 1


def test_the_practice_says_how_and_the_form_otherwise(client: Client, practice: Practice) -> None:
    PracticePolicy.objects.create(practice=practice, hevc="keep", speed="fine", max_lost=0.1)
    MaskTemplate.objects.create(
        practice=practice, name="Tower", manufacturer="ACME", model="Scope 1", covers_all=True,
        masks=[{"left": 0, "top": 0, "width": 0.5, "height": 0.1}],
    )  # fmt: skip
    video = brought(client, sound="keep", speed="express", rate="30000/1001", manufacturer="acme", model="scope 1")
    policy = wishes.policy_of_json(video.policy)
    assert (policy.hevc, policy.sound, policy.speed, policy.max_lost) == ("keep", "keep", "express", 0.1)
    assert (str(policy.rate), len(policy.masks), policy.masks[0].width) == ("30000/1001", 1, 0.5)
    assert sidecar.decoded(video.metadata).masks_cover_all
    assert wishes.policy_of_json(wishes.policy_json(policy)) == policy


WRONG = [
    ({"step": "x"}, {"step"}),
    ({"step": "999999"}, {"step"}),
    ({"lead": "999999", "masks": "999999"}, {"lead", "masks"}),
    ({"preset": "selfie"}, {"preset"}),
    ({"colour": "red"}, {"colour"}),
    ({"practice": "north"}, {"practice"}),
    ({"patientBirthDate": "31.12.1999"}, {"patientBirthDate"}),
    ({"acquired": "yesterday"}, {"metadata"}),
    ({"rate": "0"}, {"rate"}),
    ({"rate": "1/0"}, {"rate"}),
    ({"metadata": "{"}, {"metadata"}),
    ({"metadata": "[]"}, {"metadata"}),
    ({"metadata": '{"colour": "red"}'}, {"metadata"}),
    ({"metadata": '{"sopInstanceUid": "1.2.3"}'}, {"sopInstanceUid"}),
    ({"metadata": '{"seed": "x"}'}, {"metadata"}),
    ({"metadata": '{"patient":' * 500 + "{}" + "}" * 500}, {"metadata"}),
    ({"batch": "b" * 65}, {"batch"}),
]


@pytest.mark.parametrize(("fields", "wrong"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_kept(client: Client, fields: dict[str, str], wrong: set[str]) -> None:
    answer = send(client, ONE, **fields)
    assert (answer.status_code, set(errors(answer))) == (400, wrong)
    assert (kept(), Video.objects.count(), Job.objects.count()) == ([], 0, 0)


def test_one_bad_film_keeps_the_others_out(client: Client) -> None:
    answer = send(client, {"a.mp4": FILM, "empty.mp4": b""})
    assert (answer.status_code, set(errors(answer))) == (400, {"empty.mp4"})
    answer = send(client, {"a.mp4": FILM, "other.json": b"{}"})
    assert (answer.status_code, set(errors(answer))) == (400, {"other.json"})
    assert (send(client, {}).status_code, kept(), Video.objects.count()) == (400, [], 0)


def test_a_step_a_lead_or_an_appointment_and_one_alone(client: Client, practice: Practice) -> None:
    appointment = book(practice, lead_of(practice))
    answer = send(client, appointment=appointment.pk, lead=appointment.lead.pk)
    assert (answer.status_code, set(errors(answer))) == (400, {"appointment", "lead"})


def test_what_another_practice_has_looks_like_nothing(client: Client, other_practice: Practice) -> None:
    lead: Lead = lead_of(other_practice)
    masks = MaskTemplate.objects.create(practice=other_practice, name="Theirs")
    assert set(errors(send(client, lead=lead.pk, masks=masks.pk))) == {"lead", "masks"}


def test_who_may_not_store_in_all_of_the_practice_brings_nothing(
    practice: Practice, other_practice: Practice, anonymous: Client
) -> None:
    viewer = User.objects.create_user("vera", practice=practice)
    give(viewer, practice, Permission.VIEW)
    secretary = User.objects.create_user("sue", practice=practice)
    give(secretary, practice, Permission.UPLOAD)
    assert send(client_of(viewer)).status_code == 403
    assert send(anonymous).status_code == 401
    assert send(client_of(secretary), practice=other_practice.pk).status_code == 404
    assert kept() == []
    assert send(client_of(secretary), practice=practice.pk).status_code == 202


def test_too_much_is_refused(client: Client, practice: Practice, settings: Settings, monkeypatch: Any) -> None:
    settings.VIDEO_FILES = 1
    assert send(client, {"a.mp4": FILM, "b.mp4": FILM}).status_code == 413
    settings.VIDEO_BYTES = 10
    assert send(client).status_code == 413
    settings.VIDEO_BYTES, settings.VIDEO_KEEP_BYTES = 1 << 20, 150 * len(FILM)
    large = {"large.mp4": 100 * FILM}
    assert send(client, large).status_code == 202
    assert send(client, large).status_code == 507
    settings.VIDEO_KEEP_BYTES = 1 << 20
    Usage.objects.create(practice=practice, quota=200 * len(FILM), size=99 * len(FILM), counted_at=timezone.now())
    monkeypatch.setattr(quotas, "_read", None)
    assert send(client).status_code == 507
    assert (len(kept()), Video.objects.count()) == (1, 1)


def test_a_full_disk_leaves_nothing(client: Client, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 1 << 60
    assert (send(client).status_code, kept(), Video.objects.count()) == (507, [], 0)


def test_the_same_request_again_is_one_film(client: Client) -> None:
    answers = [send_once(client, "a-key") for _ in range(2)]
    assert answers[0].json()["results"] == answers[1].json()["results"]
    assert (answers[1]["Idempotency-Replayed"], Video.objects.count(), len(kept())) == ("true", 1, 1)


def send_once(client: Client, key: str) -> Any:
    return client.post(VIDEOS, {"files": SimpleUploadedFile("a.mp4", FILM)}, headers={"Idempotency-Key": key})


def test_a_resumable_upload_is_a_film(client: Client, practice: Practice) -> None:
    facts = {"purpose": "video", "filename": "scope.mp4", "preset": "dental", "metadata": '{"patient": {"id": "P1"}}'}
    place = resuming.begin(client, len(FILM), batch="page", **facts)
    assert resuming.go_on(client, place, 0, FILM[:9]).status_code == 204
    assert resuming.go_on(client, place, 9, FILM[9:]).status_code == 204
    video = Video.objects.get()
    assert (video.name, video.preset, video.practice) == ("scope.mp4", "dental", practice)
    assert [path.read_bytes() for path in kept()] == [FILM]
    told = sidecar.decoded(video.metadata)
    assert (told.patient.id, told.study.uid) == (
        "P1",
        sidecar.decoded(brought(client, batch="page").metadata).study.uid,
    )


def test_a_resumable_upload_with_wrong_facts_is_not_begun(client: Client) -> None:
    answer = resuming.create(client, 9, purpose="video", preset="selfie")
    assert (answer.status_code, set(errors(answer))) == (400, {"preset"})


def test_a_file_of_the_server_is_taken_by_copy(user: User, practice: Practice, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(FILM)
    sender = Sender(Principal.of(user), practice.pk, "folder", "b" * 32)
    video = receiving.receive(film, wishes.read(practice.pk, {}, None, study="1.2.3"), sender)
    assert (video.name, video.source, film.exists()) == ("film.mp4", "folder", True)
    assert [path.read_bytes() for path in kept()] == [FILM]
