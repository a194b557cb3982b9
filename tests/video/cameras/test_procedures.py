"""Several cameras as one procedure: a series each on one clock, aligned by times or by sound, or refused."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.archive.models import Instance
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job, State
from apps.video import sweeping
from apps.video import working as converting
from apps.video.cameras import working
from apps.video.cameras.models import Procedure
from apps.video.errands import ErrandRefused
from apps.video.keeping import Folder
from apps.video.models import Video
from apps.video.objects import sidecar
from apps.video.receiving import KIND
from tests.conftest import client_of
from tests.video.clips import Sounding, clip

ADDRESS = "/api/videos/procedures"
SMALL: dict[str, Any] = {"size": (160, 120), "rate": 10, "seconds": 6, "options": {"level": "4.1"}}
BEGAN = ["2026-11-22T09:30:00.250+01:00", "2026-11-22T08:30:01.500Z"]


def camera(late: float, name: str = "camera.mp4") -> Path:
    """A film of a camera that began so many seconds before what there is to be heard begins."""
    return clip(name, **SMALL, sound=Sounding(late=late))


def silent() -> Path:
    return clip("silent.mp4", **SMALL)


def brought(client: Client, files: Sequence[Path], **fields: Any) -> Any:
    opened = [file.open("rb") for file in files]
    try:
        return client.post(ADDRESS, {"files": opened, **fields})
    finally:
        for each in opened:
            each.close()


def aligned(client: Client, files: Sequence[Path], **fields: Any) -> Procedure:
    response = brought(client, files, **fields)
    assert response.status_code == 202, response.content
    procedure = Procedure.objects.get(pk=response.json()["id"])
    assert procedure.job_id is not None
    working.run(JobHandle(procedure.job_id, 1))
    return procedure


@pytest.mark.django_db
class TestAligning:
    def test_by_what_they_heard(self, client: Client) -> None:
        procedure = aligned(
            client, [camera(0.5), camera(2.0)], cameras=["Room", "Scope"], acquired=BEGAN[0], patientId="P1"
        )
        room, scope = procedure.cameras.all()
        # The second began before the first: it waits longer for what both hear.
        assert scope.offset == 0.0
        assert room.offset == pytest.approx(1.5, abs=0.002)
        assert scope.confidence is not None
        assert scope.confidence > 2
        metadata = [sidecar.decoded(each.video.metadata) for each in (room, scope) if each.video]
        clocks = [each.synchronization for each in metadata]
        assert {clock.frame_of_reference_uid for clock in clocks if clock} == {procedure.synchronization_uid}
        assert len({each.series.uid for each in metadata}) == 2
        assert {each.study.uid for each in metadata} == {procedure.study_instance_uid}
        assert [each.series.number for each in metadata] == [1, 2]
        assert [each.series.description for each in metadata] == ["Room", "Scope"]
        apart = [each.acquired - datetime.fromisoformat(BEGAN[0]) for each in metadata if each.acquired]
        assert [each.total_seconds() for each in apart] == [pytest.approx(1.5, abs=0.002), 0.0]
        assert Job.objects.filter(kind=KIND).count() == 2

    def test_by_times_and_again(self, client: Client) -> None:
        procedure = aligned(client, [silent(), camera(0)], startedAt=BEGAN, timeSource="NTP of the ward")
        assert [each.offset for each in procedure.cameras.all()] == [0.0, 1.25]
        assert procedure.job_id is not None
        working.run(JobHandle(procedure.job_id, 2))
        assert Video.objects.count() == 2
        first = Video.objects.order_by("pk")[0]
        clock = sidecar.decoded(first.metadata).synchronization
        assert clock is not None
        assert (clock.is_time_synchronized, clock.time_source) == (True, "NTP of the ward")

    def test_the_objects_are_on_one_clock(self, client: Client, practice: Practice) -> None:
        aligned(client, [silent(), camera(0)], startedAt=BEGAN, preset="surgery")
        for video in Video.objects.order_by("pk"):
            assert video.job_id is not None
            converting.run(JobHandle(video.job_id, 1), may_encode=True)
        rows = Instance.objects.filter(series__study__practice=practice).select_related("series")
        assert len({row.series.series_instance_uid for row in rows}) == 2
        clocks, moments = set(), set()
        for row in rows:
            headers = client.get(f"/dicom-web/studies/{row.series.study.study_instance_uid}/metadata").json()
            for header in headers:
                clocks.add(header["00200200"]["Value"][0])
                moments.add(header["0008002A"]["Value"][0])
                assert header["00181800"]["Value"] == ["N"]
                assert header["0018106A"]["Value"] == ["NO TRIGGER"]
        assert len(clocks) == 1
        assert moments == {"20261122083000.250000+0000", "20261122083001.500000+0000"}

    @pytest.mark.parametrize("late", [None, 20.0])
    def test_what_can_not_be_told_is_refused_and_nothing_converted(self, client: Client, late: float | None) -> None:
        other = silent() if late is None else camera(late)
        with pytest.raises(ErrandRefused, match="began"):
            aligned(client, [camera(0), other])
        assert Video.objects.count() == 0
        assert all(Folder(each.folder).source.exists() for each in Procedure.objects.get().cameras.all())

    def test_files_stay_while_they_wait_for_it_and_go_when_it_has_failed(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "HOURS", -1)
        assert brought(client, [silent(), silent()], startedAt=BEGAN).status_code == 202
        procedure = Procedure.objects.get()
        folders = [Folder(each.folder) for each in procedure.cameras.all()]
        sweeping.on_minute()
        assert all(folder.source.exists() for folder in folders)
        Job.objects.filter(pk=procedure.job_id).update(state=State.FAILED)
        sweeping.on_minute()
        assert not any(folder.source.exists() for folder in folders)


@pytest.mark.django_db
class TestApi:
    @pytest.mark.parametrize(
        "fields",
        [
            {"cameras": ["one"]},
            {"cameras": ["one", "x" * 61]},
            {"startedAt": BEGAN[:1]},
            {"startedAt": ["2026-11-22T09:30:00", "yesterday"]},
            {"alignment": "times"},
            {"alignment": "sound", "startedAt": BEGAN},
            {"alignment": "guess"},
            {"timeSource": "x" * 17},
            {"nonsense": "1"},
            {"step": "12345"},
            {"metadata": "{"},
        ],
    )
    def test_what_is_wrong_is_refused_and_nothing_kept(
        self, client: Client, fields: dict[str, Any], settings: Any
    ) -> None:
        assert brought(client, [silent(), silent()], **fields).status_code == 400
        assert Procedure.objects.count() == 0
        assert not list((Path(settings.DATA) / "video").iterdir())

    def test_too_few_and_too_many_and_empty(self, client: Client, tmp_path: Path) -> None:
        empty = tmp_path / "empty.mp4"
        empty.touch()
        for files in ([silent()], [silent()] * 9, [silent(), empty]):
            assert brought(client, files).status_code == 400

    def test_rights(self, client: Client, stranger: User, practice: Practice) -> None:
        response = brought(client, [silent(), silent()], startedAt=BEGAN)
        pk = response.json()["id"]
        assert response["Location"].endswith(f"{ADDRESS}/{pk}")
        shown = client.get(f"{ADDRESS}/{pk}").json()
        assert (shown["state"], shown["progress"]["done"]) == ("queued", 0)
        assert [each["name"] for each in shown["cameras"]] == ["Camera 1", "Camera 2"]
        assert len(client.get(ADDRESS).json()["results"]) == 1
        other = client_of(stranger)
        assert other.get(f"{ADDRESS}/{pk}").status_code == 404
        assert other.get(ADDRESS).json()["results"] == []
        assert brought(other, [silent(), silent()], startedAt=BEGAN, practice=practice.pk).status_code == 404
        nobody = Client()
        assert nobody.get(ADDRESS).status_code == 401
        assert nobody.get(f"{ADDRESS}/{pk}").status_code == 401
        assert brought(nobody, [silent(), silent()]).status_code == 401
        assert Procedure.objects.count() == 1
