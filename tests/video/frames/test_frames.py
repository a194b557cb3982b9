"""Pictures and parts out of stored videos: the right ones, not encoded anew, with references, for who may."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pydicom
import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.models import Instance
from apps.archive.movies import local_file
from apps.archive.store import Origin, Status, store_one
from apps.archive.videos import video_of
from apps.dicom.spans import SpanFile
from apps.jobs.handle import Cancelled, JobHandle, Sign
from apps.jobs.models import Job
from apps.video.conversion.converting import convert
from apps.video.conversion.policy import Hevc, Policy
from apps.video.errands import ErrandRefused
from apps.video.errors import Refused
from apps.video.frames import timeline, working
from apps.video.objects.metadata import Metadata, Patient
from tests.conftest import PASSWORD, client_of
from tests.dicoms import ct_slice
from tests.rights import give
from tests.video.clips import clip, number_of

MICROSCOPY, ULTRASOUND = "microscopy", "ultrasound"
BEGAN = datetime(2026, 11, 22, 9, 30, 0, 250000, UTC)
FILM = {"seconds": 2, "size": (192, 128), "options": {"g": "15", "level": "4.1", "preset": "superfast", "bf": "2"}}


def converted(folder: Path, source: Path, preset: str = "endoscopy") -> Path:
    target = folder / f"{preset}.dcm"
    metadata = Metadata(preset=preset, seed="a film", acquired=BEGAN, patient=Patient(id="P1", name="Doe^Jane"))
    convert(source, target, metadata, Policy(hevc=Hevc.KEEP))
    return target


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An endoscopic video of 60 frames, a key picture at each fifteenth."""
    return converted(tmp_path_factory.mktemp("film"), clip("frames.mp4", **FILM)).read_bytes()


def stored(practice: Practice, data: bytes) -> Instance:
    outcome = store_one([data], Origin("test", practice.pk, "nora"))
    assert outcome.status is Status.STORED
    return Instance.objects.get(sop_instance_uid=outcome.sop_instance_uid)


def asked(client: Client, instance: Instance, what: str, **body: Any) -> Job:
    response = client.post(f"/api/instances/{instance.sop_instance_uid}/{what}", body, content_type="application/json")
    assert response.status_code == 202, response.content
    assert response["Location"].endswith(f"/api/jobs/{response.json()['id']}")
    return Job.objects.get(pk=response.json()["id"])


def done(job: Job) -> dict[str, Any]:
    make = working.make_stills if job.kind == "video-stills" else working.make_clip
    return make(JobHandle(job.pk, 1), **job.parameters)


def read(practice: Practice, uid: str) -> pydicom.Dataset:
    row = Instance.objects.select_related("series__study").get(sop_instance_uid=uid)
    study = row.series.study.study_instance_uid
    [found] = retrieve.instances(Principal.worker(practice.pk), study, sop=uid)
    return pydicom.dcmread(io.BytesIO(retrieve.read_file(found)))


def shown(still: pydicom.Dataset) -> int:
    """The number that a still's picture tells."""
    return number_of(still.pixel_array[:, :, 1].astype(np.uint8))


def numbers(practice: Practice, uid: str) -> list[int]:
    """The numbers that the frames of a stored video tell."""
    row = Instance.objects.select_related("series__study").get(sop_instance_uid=uid)
    [found] = retrieve.instances(Principal.worker(practice.pk), row.series.study.study_instance_uid, sop=uid)
    video = video_of(found)
    with (
        local_file(found) as path,
        SpanFile(path, video.spans) as stream,
        av.open(stream, "r", format=str(video.container)) as container,
    ):
        return [number_of(np.asarray(frame.to_ndarray(format="gray"), np.uint8)) for frame in container.decode(video=0)]


@pytest.mark.django_db
class TestStills:
    def test_of_times_and_numbers(self, client: Client, practice: Practice, film: bytes) -> None:
        source = stored(practice, film)
        result = done(asked(client, source, "stills", frames=[1, 17], times=[1.0, 1.999]))
        assert [each["frame"] for each in result["stills"]] == [1, 17, 31, 60]
        stills = [read(practice, each["sopInstanceUid"]) for each in result["stills"]]
        assert [shown(each) for each in stills] == [0, 16, 30, 59]
        still = stills[2]
        assert still.SOPClassUID == "1.2.840.10008.5.1.4.1.1.77.1.1"
        assert still.Modality == "ES"
        assert still.PatientName == "Doe^Jane"
        assert still.StudyInstanceUID == source.series.study.study_instance_uid
        assert {each.SeriesInstanceUID for each in stills} == {result["seriesInstanceUid"]}
        assert still.SeriesInstanceUID != source.series.series_instance_uid
        assert still.AcquisitionDateTime == "20261122093001.250000+0000"
        assert list(still.ImageType) == ["DERIVED", "PRIMARY"]
        assert still.LossyImageCompression == "01"
        [reference] = still.SourceImageSequence
        assert (reference.ReferencedSOPInstanceUID, reference.ReferencedFrameNumber) == (source.sop_instance_uid, 31)

    def test_of_key_frames_and_again_the_same(self, client: Client, practice: Practice, film: bytes) -> None:
        source = stored(practice, film)
        first = done(asked(client, source, "stills", keyFrames=3))
        assert [each["frame"] for each in first["stills"]] == [1, 16, 31]
        count = Instance.objects.count()
        assert done(asked(client, source, "stills", keyFrames=3)) == first
        assert Instance.objects.count() == count

    def test_of_microscopy_and_mpeg2(self, client: Client, practice: Practice, tmp_path: Path) -> None:
        pal = clip("pal.mpg", codec="mpeg2video", size=(720, 576), rate=25, frames=25)
        source = stored(practice, converted(tmp_path, pal, MICROSCOPY).read_bytes())
        result = done(asked(client, source, "stills", times=[0.52]))
        [still] = [read(practice, each["sopInstanceUid"]) for each in result["stills"]]
        assert still.SOPClassUID == "1.2.840.10008.5.1.4.1.1.77.1.2"
        assert shown(still) == 13

    def test_beyond_the_end(self, client: Client, practice: Practice, film: bytes) -> None:
        source = stored(practice, film)
        for wanted in ({"frames": [61]}, {"times": [2.5]}):
            with pytest.raises(ErrandRefused):
                done(asked(client, source, "stills", **wanted))
        assert Instance.objects.count() == 1

    def test_cancelled(self, client: Client, practice: Practice, film: bytes) -> None:
        job = asked(client, stored(practice, film), "stills", frames=[1])
        handle = JobHandle(job.pk, 1)
        handle.sign = Sign.CANCEL
        with pytest.raises(Cancelled):
            working.make_stills(handle, **job.parameters)
        assert Instance.objects.count() == 1


@pytest.mark.django_db
class TestClips:
    def test_is_cut_at_key_pictures_without_encoding(self, client: Client, practice: Practice, film: bytes) -> None:
        source = stored(practice, film)
        result = done(asked(client, source, "clips", **{"from": 0.6, "to": 1.2}))
        assert (result["from"], result["to"]) == (0.5, 1.5)
        assert (result["firstFrame"], result["lastFrame"], result["frames"]) == (16, 45, 30)
        assert numbers(practice, result["sopInstanceUid"]) == list(range(15, 45))
        part = read(practice, result["sopInstanceUid"])
        assert part.NumberOfFrames == 30
        assert part.ImageType[0] == "DERIVED"
        assert part.AcquisitionDateTime == "20261122093000.750000+0000"
        [reference] = part.SourceImageSequence
        assert reference.ReferencedSOPInstanceUID == source.sop_instance_uid
        assert list(reference.ReferencedFrameNumber) == list(range(16, 46))
        assert part.StudyInstanceUID == source.series.study.study_instance_uid
        # The coded pictures are the source's own.
        assert set(coded(part)) <= set(coded(pydicom.dcmread(io.BytesIO(film))))

    def test_at_borders_and_to_the_end(self, client: Client, practice: Practice, film: bytes) -> None:
        source = stored(practice, film)
        exact = done(asked(client, source, "clips", **{"from": 0.5, "to": 1.0}))
        assert (exact["firstFrame"], exact["lastFrame"]) == (16, 30)
        assert done(asked(client, source, "clips", **{"from": 0.5, "to": 1.0})) == exact
        last = done(asked(client, source, "clips", **{"from": 1.6, "to": 9.0}))
        assert (last["firstFrame"], last["lastFrame"], last["to"]) == (46, 60, 2.0)
        assert numbers(practice, last["sopInstanceUid"]) == list(range(45, 60))

    def test_of_an_open_group_nothing_is_shown_that_needs_what_was_left_out(
        self, client: Client, practice: Practice, tmp_path: Path
    ) -> None:
        options = {**FILM["options"], "x264-params": "open-gop=1"}  # type: ignore[dict-item]
        opened = clip("open.mp4", **FILM | {"options": options})
        source = stored(practice, converted(tmp_path, opened).read_bytes())
        result = done(asked(client, source, "clips", **{"from": 0.7, "to": 0.9}))
        found = numbers(practice, result["sopInstanceUid"])
        assert found == list(range(result["firstFrame"] - 1, result["lastFrame"]))
        assert set(range(21, 27)) <= set(found)

    def test_backwards_and_behind_the_end(self, client: Client, practice: Practice, film: bytes) -> None:
        source = stored(practice, film)
        address = f"/api/instances/{source.sop_instance_uid}/clips"
        body = {"from": 1, "to": 1}
        assert client.post(address, body, content_type="application/json").status_code == 400
        with pytest.raises(ErrandRefused, match="2\\.000 seconds"):
            done(asked(client, source, "clips", **{"from": 5, "to": 6}))


def coded(video: pydicom.Dataset) -> list[bytes]:
    """The coded pictures of a video in MP4."""
    stream = b"".join(pydicom.encaps.generate_fragments(video.PixelData))
    with av.open(io.BytesIO(stream), "r", format="mp4") as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.django_db
@pytest.mark.parametrize(("what", "body"), [("stills", {"frames": [1]}), ("clips", {"from": 0, "to": 1})])
class TestRights:
    def test_who_sees_and_may_store(
        self, what: str, body: dict[str, Any], client: Client, stranger: User, practice: Practice, film: bytes
    ) -> None:
        address = f"/api/instances/{stored(practice, film).sop_instance_uid}/{what}"
        assert client.post(address, body, content_type="application/json").status_code == 202
        assert client_of(stranger).post(address, body, content_type="application/json").status_code == 404
        assert Client().post(address, body, content_type="application/json").status_code == 401
        viewer = User.objects.create_user("vera", password=PASSWORD, practice=practice)
        give(viewer, practice, Permission.VIEW)
        assert client_of(viewer).post(address, body, content_type="application/json").status_code == 403
        assert Job.objects.filter(kind__startswith="video-").count() == 1

    def test_of_what_is_no_video(self, what: str, body: dict[str, Any], client: Client, practice: Practice) -> None:
        single = stored(practice, ct_slice())
        address = f"/api/instances/{single.sop_instance_uid}/{what}"
        response = client.post(address, body, content_type="application/json")
        assert response.status_code == 400
        assert "no video stream" in response.json()["detail"]
        assert client.post(f"/api/instances/1.2.3/{what}", body, content_type="application/json").status_code == 404


@pytest.mark.django_db
def test_nothing_and_too_much_are_refused(client: Client, practice: Practice, film: bytes) -> None:
    address = f"/api/instances/{stored(practice, film).sop_instance_uid}/stills"
    bodies: list[dict[str, Any]] = [
        {},
        {"frames": []},
        {"frames": [0]},
        {"times": [-1]},
        {"keyFrames": 61},
        {"frames": [1] * 61},
    ]
    for body in bodies:
        assert client.post(address, body, content_type="application/json").status_code == 400


@pytest.mark.django_db
def test_ultrasound_has_no_stills(client: Client, practice: Practice, tmp_path: Path) -> None:
    source = stored(practice, converted(tmp_path, clip("frames.mp4", **FILM), ULTRASOUND).read_bytes())
    address = f"/api/instances/{source.sop_instance_uid}/stills"
    assert client.post(address, {"frames": [1]}, content_type="application/json").status_code == 400


def test_a_stream_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "no.mp4"
    file.write_bytes(b"nothing of a video" * 100)
    with pytest.raises(Refused), timeline.opened(str(file), [(0, 1000)], "mp4"):
        pytest.fail("it was opened")
