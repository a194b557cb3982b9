"""What browsers don't play is made playable by a job, whoever stored it, and asked for by whoever wants it before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.test import Client

from apps.archive import events, playable
from apps.archive.models import Instance, Study
from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotAcceptable
from apps.dicom.isolation.process import CodecProcess
from apps.jobs import registry
from apps.jobs.handle import Cancelled, JobHandle, Sign
from apps.jobs.models import Job, State
from apps.video import renditions
from tests import movies
from tests.dicomweb.archive import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def nothing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playable, "QUICK_SAMPLES", 0)


def asked() -> QuerySet[Job]:
    """The jobs of this kind: the store asks for others."""
    return Job.objects.filter(kind=renditions.RENDITION)


def settle() -> list[Job]:
    """Tell that nothing more comes of the study; the jobs that are asked for."""
    events.settled.send(sender=Study, study=Study.objects.get())
    return list(asked())


def do(job: Job) -> dict[str, int]:
    """What a worker does with it."""
    return registry.find(job.kind).function(JobHandle(job.pk, 1), **job.parameters)


def rendered(stored: StoredInstance) -> str:
    return (
        f"/dicom-web/studies/{stored.study_instance_uid}/series/{stored.series_instance_uid}"
        f"/instances/{stored.sop_instance_uid}/rendered"
    )


def test_after_the_store_a_job_makes_it_ready(client: Client, old_film: StoredInstance, nothing_is_quick: None) -> None:
    (job,) = settle()
    assert (job.parameters, job.practice_id) == ({"instance": old_film.pk}, old_film.practice_id)
    size = do(job)["size"]
    response = client.get(rendered(old_film), headers={"accept": "video/mp4"})
    assert (response.status_code, int(response["Content-Length"])) == (200, size)
    assert movies.codec(body(response)) == "h264"
    asked().delete()
    assert settle() == []


def test_a_video_that_plays_needs_no_job(film: StoredInstance) -> None:
    assert settle() == []
    assert renditions.make(JobHandle(1, 1), film.pk) == {"size": 0}


def test_who_asks_before_it_is_ready_is_told_to_come_again(
    client: Client, old_film: StoredInstance, nothing_is_quick: None
) -> None:
    for _ in range(2):
        response = client.get(rendered(old_film))
        assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
        assert int(response["Retry-After"]) > 0
    (job,) = asked()
    do(job)
    assert client.get(rendered(old_film)).status_code == 200


def test_one_that_can_not_be_made_is_not_tried_for_ever(
    client: Client, old_film: StoredInstance, nothing_is_quick: None
) -> None:
    assert client.get(rendered(old_film)).status_code == 503
    asked().update(state=State.FAILED, error="The stream holds no picture.")
    response = client.get(rendered(old_film), headers={"accept": "video/mp4"})
    assert (response.status_code, response.json()["code"]) == (406, "not-acceptable")
    assert "holds no picture" in response.json()["detail"]
    assert asked().count() == 1


def test_a_cancelled_one_may_be_asked_for_again(
    client: Client, old_film: StoredInstance, nothing_is_quick: None
) -> None:
    client.get(rendered(old_film))
    asked().update(state=State.CANCELLED)
    assert client.get(rendered(old_film)).status_code == 503
    assert asked().count() == 2


def test_what_is_no_video_ends_the_job_with_its_reason(stored: Callable[[bytes], StoredInstance]) -> None:
    broken = stored(movies.video(b"no video at all " * 40, transfer_syntax=movies.HEVC))
    with pytest.raises(NotAcceptable, match="can't be read"):
        renditions.make(JobHandle(1, 1), broken.pk)
    assert not any((Path(settings.DATA) / "cache" / "movies").iterdir())


def test_one_that_is_gone_is_no_error(old_film: StoredInstance) -> None:
    (job,) = settle()
    Instance.objects.all().delete()
    assert do(job) == {"size": 0}


def test_nobody_converts_days_of_video(
    client: Client, old_film: StoredInstance, nothing_is_quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playable, "MOST_SAMPLES", 1000)
    response = client.get(rendered(old_film), headers={"accept": "video/mp4"})
    assert response.status_code == 406
    assert not asked().exists()
    as_stored = client.get(rendered(old_film), headers={"accept": "video/mpeg"})
    assert as_stored.status_code == 200


def test_a_cancelled_job_stops_at_once_and_leaves_nothing(
    old_film: StoredInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its child process is gone too."""
    handle, children = JobHandle(1, 1), []

    class Hanging(CodecProcess):
        def call(self, *_: object) -> object:
            children.append(self)
            handle.sign = Sign.CANCEL
            self._process.wait()
            raise NotAcceptable

    monkeypatch.setattr(renditions, "CodecProcess", Hanging)
    with pytest.raises(Cancelled):
        renditions.make(handle, old_film.pk)
    assert not children[0].is_open
    assert not any((Path(settings.DATA) / "cache" / "movies").iterdir())


def test_it_waits_in_the_lane_of_what_is_encoded() -> None:
    assert registry.lane_of(renditions.RENDITION) == registry.lane_of("video-transcode") != ""
