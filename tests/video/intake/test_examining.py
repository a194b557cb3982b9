"""Long films that are kept as they came, decoded in full afterwards: damage that nothing in the file tells of."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.archive.models import Instance
from apps.archive.retrieve import by_key, read_file
from apps.jobs import registry, worker
from apps.jobs.handle import Cancelled, JobHandle, Sign
from apps.jobs.models import Job
from apps.video import examining
from apps.video.child import Request
from apps.video.conversion import windows
from apps.video.conversion.converting import convert
from apps.video.converter import Answer, Converted, Listen
from apps.video.examining import EXAMINE
from apps.video.models import Video
from tests.video.clips import clip
from tests.video.intake.brought import VIDEOS, again, brought, converting, work
from tests.video.matrix import mjpeg

pytestmark = pytest.mark.django_db
Bring = Callable[[bytes], Video]
GARBAGE = bytes((37 * number + 11) % 256 for number in range(64))


@pytest.fixture
def bring(client: Client, monkeypatch: pytest.MonkeyPatch) -> Bring:
    """A film that is stored, and longer than those that are decoded in full before."""
    monkeypatch.setattr(windows, "_WHOLE", 10)
    monkeypatch.setattr(windows, "_WINDOW", 320 * 240 * 4)

    def here(request: Request, listen: Listen) -> Answer:
        outcome = convert(request.source, request.target, request.metadata, request.policy)
        return Converted(outcome.report(), outcome.sop_instance_uid)

    converting(monkeypatch, here)

    def stored(film: bytes) -> Video:
        video = work(brought(client, {"film": film}, patientName="Doe^Jane"))
        assert (video.state, video.error) == ("done", "")
        assert video.report is not None
        assert (video.report["isExact"], video.report["verified"]["isWhole"]) == (True, False)
        return video

    return stored


def spoilt(film: bytes) -> bytes:
    """The film with garbage in the middle, where its coded pictures are."""
    middle = len(film) // 2
    return film[:middle] + GARBAGE + film[middle + len(GARBAGE) :]


def whole() -> bytes:
    return clip("long.mp4", seconds=3, options={"level": "4.1", "g": "30"}).read_bytes()


def examined(video: Video) -> dict[str, Any]:
    """What the report says afterwards."""
    job = Job.objects.get(kind=EXAMINE)
    assert job.parameters == {"video": video.pk}
    worker.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    report = again(video).report
    assert report is not None
    told: dict[str, Any] = report["afterwards"]
    assert job.result == told
    return told


def test_damage_in_the_middle_is_told_afterwards(bring: Bring, client: Client) -> None:
    film = spoilt(whole())
    video = bring(film)
    told = examined(video)
    assert 0 < told["damaged"] < 30
    assert told["frames"] < 90
    stored = by_key(Instance.objects.get().pk)
    assert stored is not None
    assert film in read_file(stored)
    assert client.get(f"{VIDEOS}/{video.pk}").json()["report"]["afterwards"] == told


def test_a_film_without_damage_has_none(bring: Bring) -> None:
    told = examined(bring(whole()))
    assert (told["frames"], told["damaged"]) == (90, 0)


@pytest.mark.parametrize(("is_spoilt", "damaged"), [(False, 0), (True, 1)])
def test_single_jpegs_are_decoded_too(bring: Bring, is_spoilt: bool, damaged: int) -> None:
    film = mjpeg().read_bytes()
    video = bring(spoilt(film) if is_spoilt else film)
    report = video.report or {}
    told = examined(video)
    assert (report["path"], told["frames"], told["damaged"]) == ("wrapJpeg", report["frames"] - damaged, damaged)


def test_a_second_run_says_the_same(bring: Bring) -> None:
    video = bring(spoilt(whole()))
    first = examined(video)
    second = examining.run(JobHandle(0, 1), video.pk)
    assert again(video).report == {**(video.report or {}), "afterwards": second}
    assert (second["frames"], second["damaged"]) == (first["frames"], first["damaged"])
    examining.ask(again(video))
    assert Job.objects.filter(kind=EXAMINE).count() == 1


def test_nothing_is_examined_where_that_is_off(bring: Bring, settings: Settings) -> None:
    settings.VIDEO_EXAMINE = False
    video = bring(whole())
    assert not Job.objects.filter(kind=EXAMINE).exists()
    assert "afterwards" not in (video.report or {})


@pytest.mark.parametrize(
    "report", [None, {"isExact": False}, {"isExact": True, "verified": {"isWhole": True}}], ids=str
)
def test_what_was_decoded_in_full_already_is_not(report: dict[str, Any] | None) -> None:
    examining.ask(Video(pk=1, report=report))
    assert not Job.objects.exists()


def test_it_stops_when_it_is_cancelled(bring: Bring) -> None:
    video = bring(whole())
    handle = JobHandle(0, 1)
    handle.sign = Sign.CANCEL
    with pytest.raises(Cancelled):
        examining.run(handle, video.pk)
    assert "afterwards" not in (again(video).report or {})


def test_of_what_is_gone_nothing_is_said(bring: Bring) -> None:
    video = bring(whole())
    Instance.objects.all().delete()
    assert examining.run(JobHandle(0, 1), video.pk) == {}
    video.delete()
    assert examining.run(JobHandle(0, 1), video.pk) == {}


def test_it_stands_back_as_encoding_does() -> None:
    assert registry.lane_of(EXAMINE) == registry.lane_of("video-transcode") != ""
