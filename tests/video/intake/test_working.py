"""The work of a film's job: how it ends, whatever happens in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.archive.models import Instance, Quarantined
from apps.archive.outcomes import Origin
from apps.archive.store import Batch
from apps.audit.models import Event
from apps.jobs import worker
from apps.jobs.handle import Cancelled
from apps.jobs.models import Job
from apps.video import converter, sweeping
from apps.video.child import Request
from apps.video.converter import Answer, ConversionHung, ConversionStopped, Converted, Elsewhere, Listen, Refusal
from apps.video.keeping import Folder
from apps.video.models import Video
from apps.video.objects import sidecar, uids
from tests.video.intake.brought import PLAN, again, an_object, brought, converting, converts, job_of, kept, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(client: Client) -> Video:
    return brought(client, patientName="Doe^Jane")


def raising(error: Exception) -> Any:
    def convert(request: Request, listen: Listen) -> Answer:
        raise error

    return convert


def test_a_film_becomes_an_object_and_its_file_goes(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, converts)
    done = work(video)
    stored = Instance.objects.select_related("series__study").get()
    assert (done.state, done.last_state, done.path, done.plan, done.report) == (
        "done",
        "done",
        "remux",
        PLAN,
        {"frames": 2},
    )
    assert (done.study_instance_uid, done.series_instance_uid, done.sop_instance_uid) == (
        stored.series.study.study_instance_uid, stored.series.series_instance_uid, stored.sop_instance_uid
    )  # fmt: skip
    job = job_of(video)
    assert job.result is not None
    assert (job.result["video"], job.result["sopInstanceUid"]) == (video.pk, stored.sop_instance_uid)
    assert (job.percent, job.progress_text) == (100, "Ready to view")
    assert Event.objects.get(action="import").actor == "nora"
    assert (done.has_file, done.kept_until, list(Folder("x").path.parent.iterdir())) == (False, None, [])


def test_an_attempt_after_the_store_makes_nothing_twice(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, converts)
    work(video)
    # The worker died after the store and before the row said so.
    Job.objects.update(state="queued", finished_at=None)
    Video.objects.filter(pk=video.pk).update(last_state="", sop_instance_uid="")
    converting(monkeypatch, raising(AssertionError("it is stored already")))
    done = work(video)
    assert (done.state, done.sop_instance_uid) == ("done", Instance.objects.get().sop_instance_uid)
    assert not Quarantined.objects.exists()


def test_what_must_be_encoded_goes_to_its_lane_as_the_same_job(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def convert(request: Request, listen: Listen) -> Answer:
        asked.append(request.may_encode)
        return converts(request, listen) if request.may_encode else Elsewhere()

    converting(monkeypatch, convert)
    waiting = job_of(work(video))
    assert (waiting.kind, waiting.state, waiting.attempts) == ("video-transcode", "queued", 0)
    jobs = Job.objects.filter(kind__startswith="video-")
    assert (work(video).state, asked, jobs.count()) == ("done", [False, True], 1)


def test_a_refusal_is_final_and_says_why(video: Video, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    converting(monkeypatch, lambda request, listen: Refusal("noPictures", "There are no pictures in it."))
    done = work(video)
    assert (done.state, done.code, done.error) == ("failed", "noPictures", "There are no pictures in it.")
    job = job_of(video)
    assert (job.attempts, job.error) == (1, "There are no pictures in it.")
    assert Event.objects.get(action="refuse").detail == f"video {video.pk}: noPictures"
    assert (Instance.objects.count(), len(kept())) == (0, 1)
    assert done.kept_until is not None
    assert done.kept_until - timezone.now() > timedelta(days=settings.VIDEO_KEEP_DAYS, hours=-1)


def test_a_decoder_that_hangs_is_the_files_own_fault(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, raising(ConversionHung(300)))
    done = work(video)
    assert (done.state, done.code, job_of(video).attempts) == ("failed", "timeLimit", 1)


def test_a_converter_that_dies_is_tried_again_and_then_given_up(
    video: Video, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.JOB_BACKOFF = 0
    converting(monkeypatch, raising(ConversionStopped(converter.CRASHED)))
    states = [work(video).state for _ in range(3)]
    assert states == ["queued", "queued", "failed"]
    assert "without a word" in again(video).error
    assert len(kept()) == 1


def test_a_defect_is_logged_by_its_place(
    video: Video, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    converting(monkeypatch, raising(converter.ConversionFailed("KeyError at mux.py:7")))
    work(video)
    assert f"video {video.pk}: KeyError at mux.py:7" in caplog.text


def test_a_full_disk_is_waited_for(video: Video, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.JOB_BACKOFF, settings.MIN_FREE_BYTES = 0, 1 << 60
    converting(monkeypatch, converts)
    waiting = work(video)
    assert (waiting.state, "not enough space" in waiting.error, len(kept())) == ("queued", True, 1)
    settings.MIN_FREE_BYTES = 0
    assert work(video).state == "done"


def test_a_disk_that_fills_in_the_store_leaves_the_film_alone(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(request: Request, listen: Listen) -> Answer:
        answer = converts(request, listen)
        request.target.unlink()
        request.target.mkdir()
        return answer

    converting(monkeypatch, full)
    assert (work(video).state, Instance.objects.count(), len(kept())) == ("queued", 0, 1)


def test_a_cancelled_one_stops_and_can_be_tried_again(
    client: Client, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(request: Request, listen: Listen) -> Answer:
        (request.target.parent / "half").write_bytes(b"half")
        raise Cancelled

    converting(monkeypatch, cancelled)
    assert (work(video).state, len(kept())) == ("cancelled", 1)
    assert client.post(f"/api/videos/{video.pk}/retry").json()["state"] == "queued"
    converting(monkeypatch, converts)
    assert work(video).state == "done"


def test_other_bytes_under_its_uid_end_in_quarantine_and_say_so(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes somebody who guessed the UID: what a film made before has the same bytes or is found."""

    def before(request: Request, listen: Listen) -> Answer:
        with Batch(Origin("test", video.practice_id, "test")) as batch:
            batch.receive([an_object(request, PatientID="else")])
            batch.commit()
        return converts(request, listen)

    converting(monkeypatch, before)
    done = work(video)
    assert (done.state, done.code, done.sop_instance_uid) == ("failed", "mismatch", "")
    assert (Instance.objects.count(), Quarantined.objects.count()) == (1, 1)


def test_what_is_no_object_is_refused(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    def nonsense(request: Request, listen: Listen) -> Answer:
        request.target.write_bytes(b"nonsense")
        return Converted({}, uids.instance_uid(request.metadata))

    converting(monkeypatch, nonsense)
    assert (work(video).state, again(video).code, Instance.objects.count()) == ("failed", "mismatch", 0)


def test_a_file_that_is_gone_is_said(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, converts)
    Folder(video.folder).discard()
    done = work(video)
    assert (done.state, "Send it again" in done.error) == ("failed", True)


def test_progress_never_goes_back(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def convert(request: Request, listen: Listen) -> Answer:
        for stage, done, total in (
            ("scan", 1, 2),
            ("transcode", 1, 2),
            ("scan", 1, 9),
            ("odd", -1, 0),
            ("write", 9, 2),
        ):
            listen({"stage": stage, "done": done, "total": total})
            seen.append(listen._at)  # type: ignore[attr-defined]
        return converts(request, listen)

    converting(monkeypatch, convert)
    work(video)
    assert seen == sorted(seen)
    assert seen[-1] == 900


def test_a_film_of_a_closed_account_is_done_all_the_same(
    video: Video, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    converting(monkeypatch, converts)
    user.delete()
    assert work(video).state == "done"
    assert Event.objects.get(action="import").actor == "API"


def test_the_seed_is_the_files_own(client: Client, video: Video) -> None:
    other = brought(client, patientName="Doe^Jane")
    told = [sidecar.decoded(each.metadata) for each in (video, other)]
    assert uids.instance_uid(told[0]) != uids.instance_uid(told[1])


def test_old_failures_and_what_belongs_to_nothing_are_swept(
    video: Video, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    converting(monkeypatch, lambda request, listen: Refusal("damaged", "It is damaged."))
    work(video)
    orphan = Folder.new()
    orphan.source.write_bytes(b"of a request that is gone")
    sweeping.on_minute()
    assert len(kept()) == 2
    Video.objects.update(kept_until=timezone.now())
    monkeypatch.setattr(sweeping, "HOURS", -1)
    sweeping.on_minute()
    assert (kept(), again(video).has_file) == ([], False)
    answer = client.post(f"/api/videos/{video.pk}/retry")
    assert (answer.status_code, "send it again" in answer.json()["detail"]) == (409, True)


def test_its_state_outlives_its_jobs_row(video: Video, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, lambda request, listen: Refusal("damaged", "It is damaged."))
    work(video)
    Job.objects.all().delete()
    assert (again(video).state, again(video).error) == ("failed", "It is damaged.")
    assert [each["id"] for each in client.get("/api/videos?state=failed").json()["results"]] == [video.pk]
    assert client.post(f"/api/videos/{video.pk}/retry").json()["state"] == "queued"


def test_a_number_that_comes_twice_does_nothing(video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    converting(monkeypatch, converts)
    work(video)
    converting(monkeypatch, raising(AssertionError("it is done")))
    assert video.job_id is not None
    worker.run(video.job_id)
    assert again(video).state == "done"
