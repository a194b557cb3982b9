"""Recordings: who may start and stop them, and what a recorder makes of them, whatever dies in between."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.core.sealed import unseal
from apps.jobs.models import Job
from apps.ops import parts
from apps.video.keeping import Folder
from apps.video.live import recorder as recorders
from apps.video.live import shelf
from apps.video.live.filing import file_finished, folder_of
from apps.video.live.models import Recording, RecordingSegment, RecordingState
from apps.video.live.recorder import Recorder
from apps.video.objects import sidecar
from apps.video.receiving import KIND
from tests.conftest import client_of
from tests.video.clips import copied, decoded
from tests.video.live.senders import LOOPBACK, film, free_port, rtsp, sending, serving

LIMIT = 40.0
ADDRESS = "/api/videos/recordings"
PORT_5000 = {"cameras": [{"address": "udp://127.0.0.1:5000"}]}
DETAILS = {"patientId": "P1", "patientName": "Doe^Jane", "seriesDescription": "Tower 1"}


@pytest.fixture(autouse=True)
def networks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RECORDING_NETWORKS = LOOPBACK
    monkeypatch.setattr(recorders, "PULSE", 0.0)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    made = Recorder(Event())
    yield made
    made._leave()


def started(client: Client, *urls: str, **more: Any) -> list[dict[str, Any]]:
    cameras = [{"address": url, "name": f"camera {number}"} for number, url in enumerate(urls, 1)]
    response = client.post(ADDRESS, {"cameras": cameras, **DETAILS, **more}, content_type="application/json")
    assert response.status_code == 201, response.content
    told: list[dict[str, Any]] = response.json()
    return told


def until(recorder: Recorder, condition: Callable[[], Any]) -> None:
    limit = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < limit, "it did not come about"
        recorder.round()
        time.sleep(0.05)


def is_taken(port: int) -> bool:
    """Whether somebody listens for what comes to a UDP port; without taking it oneself meanwhile."""
    return f"0100007F:{port:04X}" in Path("/proc/net/udp").read_text()


def one(told: dict[str, Any]) -> Recording:
    return Recording.objects.get(pk=told["id"])


@pytest.mark.django_db
class TestRecorder:
    def test_a_source_becomes_instances_of_one_series(self, client: Client, recorder: Recorder) -> None:
        port = free_port(socket.SOCK_DGRAM)
        [told] = started(client, f"udp://127.0.0.1:{port}", segmentSeconds=10)
        Recording.objects.update(segment_seconds=1)
        until(recorder, lambda: is_taken(port))
        with sending(port, film(seconds=10).read_bytes(), seconds=10):
            until(recorder, lambda: one(told).pictures >= 80)
            assert one(told).state == RecordingState.RECORDING
            assert client.post(f"{ADDRESS}/{told['id']}/stop").json()["state"] == "stopping"
            until(recorder, lambda: one(told).is_ended)
        row = one(told)
        assert (row.state, row.lease_until, row.reason) == (RecordingState.DONE, None, "")
        assert not folder_of(row).exists()
        segments = list(row.segments.order_by("number"))
        assert len(segments) >= 3
        assert [each.number for each in segments] == list(range(1, len(segments) + 1))
        metadata = [sidecar.decoded(each.video.metadata) for each in segments if each.video]
        assert {each.series.uid for each in metadata} == {row.series_instance_uid}
        assert {each.study.uid for each in metadata} == {row.study_instance_uid}
        assert [each.instance_number for each in metadata] == [each.number for each in segments]
        assert [each.acquired for each in metadata] == [each.started_at for each in segments]
        uids = [each.sop_instance_uid for each in segments]
        assert [each.sop_instance_uid for each in metadata] == uids
        assert [[each.sop_instance_uid for each in each_.references] for each_ in metadata][:3] == [
            [],
            uids[:1],
            uids[1:2],
        ]
        assert metadata[0].patient.name == "Doe^Jane"
        assert sum(decoded(Folder(each.video.folder).source) for each in segments if each.video) >= 80
        assert Job.objects.filter(kind=KIND).count() == len(segments)

    def test_what_a_dead_recorder_left_is_saved_and_gone_on_with(self, client: Client, recorder: Recorder) -> None:
        with rtsp(film().read_bytes()) as port:
            [told] = started(client, f"rtsp://127.0.0.1:{port}/film")
            until(recorder, lambda: one(told).pictures >= 30)
            [held] = recorder._held.values()
            assert held.process is not None
            os.kill(held.process._process.pid, signal.SIGKILL)
            held.process._process.wait()
            # The recorder is gone as well: nobody renews its lease.
            Recording.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            recorder._held.clear()
            other = Recorder(Event())
            pictures = one(told).pictures
            until(other, lambda: one(told).segments.count() and one(told).pictures > pictures)
            row = one(told)
            assert row.holder == other.name
            client.post(f"{ADDRESS}/{row.pk}/stop")
            until(other, lambda: one(told).is_ended)
        numbers = list(row.segments.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= 2

    def test_a_recorder_that_lost_its_lease_lets_go(self, client: Client, recorder: Recorder) -> None:
        [told] = started(client, f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}")
        recorder.round()
        assert told["id"] in recorder._held
        Recording.objects.update(holder="another", lease_until=timezone.now() + timedelta(hours=1))
        recorder.round()
        assert recorder._held == {}
        assert one(told).holder == "another"

    def test_what_is_refused_for_good_fails_with_its_reason(
        self, client: Client, recorder: Recorder, tmp_path: Path
    ) -> None:
        web = tmp_path / "web"
        web.mkdir()
        (web / "a.m3u8").write_text(
            "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n"
        )
        with serving(web) as port:
            [told] = started(client, f"http://127.0.0.1:{port}/a.m3u8")
            until(recorder, lambda: one(told).is_ended)
        assert one(told).state == RecordingState.FAILED
        assert "FOVEA_RECORDING_NETWORKS" in one(told).reason

    def test_its_time_is_over(self, client: Client, recorder: Recorder) -> None:
        [told] = started(client, f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", mostSeconds=1)
        Recording.objects.update(started_at=timezone.now() - timedelta(seconds=2))
        until(recorder, lambda: one(told).is_ended)
        assert one(told).state == RecordingState.DONE

    def test_a_stop_before_any_recorder_came(self, client: Client, recorder: Recorder) -> None:
        [told] = started(client, f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}")
        client.post(f"{ADDRESS}/{told['id']}/stop")
        until(recorder, lambda: one(told).is_ended)
        assert one(told).segments.count() == 0
        assert client.post(f"{ADDRESS}/{told['id']}/stop").status_code == 409


@pytest.mark.django_db
class TestFiling:
    @staticmethod
    def _lying(recording: Recording, number: int) -> None:
        folder = folder_of(recording)
        folder.mkdir(parents=True, exist_ok=True)
        copied(film(), shelf.part(folder, number, datetime.now(UTC)))
        shelf.finish(next(each.file for each in shelf.segments(folder) if not each.is_finished))

    def test_a_segment_is_filed_once(self, client: Client, user: User) -> None:
        recording = one(started(client, "udp://127.0.0.1:5000")[0])
        self._lying(recording, 1)
        assert file_finished(recording)
        # As if it had died after the commit.
        self._lying(recording, 1)
        assert file_finished(recording)
        assert shelf.segments(folder_of(recording)) == []
        video = RecordingSegment.objects.get().video
        assert video is not None
        assert (video.requested_by, video.source) == (user, "recording")

    def test_what_there_is_no_room_for_waits(self, client: Client, settings: Settings) -> None:
        recording = one(started(client, "udp://127.0.0.1:5000")[0])
        self._lying(recording, 1)
        settings.MIN_FREE_BYTES = 1 << 60
        assert not file_finished(recording)
        assert len(shelf.segments(folder_of(recording))) == 1
        settings.MIN_FREE_BYTES = 0
        assert file_finished(recording)

    def test_cameras_that_start_together_are_on_one_clock(self, client: Client) -> None:
        told = started(client, "udp://127.0.0.1:5000", "udp://127.0.0.1:5001")
        assert len({each["synchronizationUid"] for each in told}) == 1
        assert len({each["studyInstanceUid"] for each in told}) == 1
        assert len({each["seriesInstanceUid"] for each in told}) == 2
        recording = one(told[0])
        self._lying(recording, 1)
        assert file_finished(recording)
        video = RecordingSegment.objects.get().video
        assert video is not None
        synchronization = sidecar.decoded(video.metadata).synchronization
        assert synchronization is not None
        assert synchronization.frame_of_reference_uid == told[0]["synchronizationUid"]


@pytest.mark.django_db
class TestApi:
    def test_it_is_started_seen_and_keeps_its_secrets(self, client: Client) -> None:
        [told] = started(client, "rtsp://nurse:secret@127.0.0.1/stream1")
        assert told["place"] == "rtsp://127.0.0.1:554"
        assert told["state"] == "waiting"
        row = one(told)
        assert unseal(row.address) == "rtsp://nurse:secret@127.0.0.1/stream1"
        shown = client.get(f"{ADDRESS}/{row.pk}").content + client.get(ADDRESS).content
        assert b"secret" not in shown
        assert "secret" not in row.address

    @pytest.mark.parametrize(
        "wrong",
        [
            {"cameras": []},
            {"cameras": [{"address": "file:///etc/passwd"}]},
            {"cameras": [{"address": "rtsp://192.0.2.1/"}]},
            {"cameras": [{"address": "udp://127.0.0.1:5000"}] * 2},
            {"cameras": [{"address": "rtsp://127.0.0.1/"}], "segmentSeconds": 1},
            {"cameras": [{"address": "rtsp://127.0.0.1/"}], "step": 12345},
            {"cameras": [{"address": "rtsp://127.0.0.1/"}], "nonsense": 1},
            {"cameras": [{"address": "rtsp://127.0.0.1/"}], "metadata": {"sopInstanceUid": "1.2"}},
        ],
    )
    def test_what_is_wrong_is_refused(self, client: Client, wrong: dict[str, Any]) -> None:
        response = client.post(ADDRESS, wrong, content_type="application/json")
        assert response.status_code == 400
        assert Recording.objects.count() == 0

    def test_a_port_is_recorded_once(self, client: Client) -> None:
        started(client, "udp://127.0.0.1:5000")
        response = client.post(
            ADDRESS, {"cameras": [{"address": "udp://127.0.0.1:5000"}]}, content_type="application/json"
        )
        assert response.status_code == 409

    def test_without_networks_nothing_is_recorded(self, client: Client, settings: Settings) -> None:
        settings.RECORDING_NETWORKS = ()
        response = client.post(
            ADDRESS, {"cameras": [{"address": "udp://127.0.0.1:5000"}]}, content_type="application/json"
        )
        assert response.status_code == 503

    def test_another_practice_and_anonymous_see_and_do_nothing(
        self, client: Client, stranger: User, practice: Practice
    ) -> None:
        [told] = started(client, "udp://127.0.0.1:5000")
        other = client_of(stranger)
        assert other.get(ADDRESS).json()["results"] == []
        assert other.get(f"{ADDRESS}/{told['id']}").status_code == 404
        assert other.post(f"{ADDRESS}/{told['id']}/stop").status_code == 404
        body = {"cameras": [{"address": "udp://127.0.0.1:5001"}], "practice": practice.pk}
        assert other.post(ADDRESS, body, content_type="application/json").status_code == 404
        nobody = Client()
        assert nobody.get(ADDRESS).status_code == 401
        assert nobody.post(ADDRESS, body, content_type="application/json").status_code == 401
        assert nobody.get(f"{ADDRESS}/{told['id']}").status_code == 401
        assert nobody.post(f"{ADDRESS}/{told['id']}/stop").status_code == 401
        assert one(told).stop_requested_at is None


def test_the_recorder_is_a_part_where_networks_are_named(settings: Settings) -> None:
    assert "recorder" in parts.wanted()
    assert parts.part("recorder").command[-1] == "recorder"
    settings.RECORDING_NETWORKS = ()
    assert "recorder" not in parts.wanted()
