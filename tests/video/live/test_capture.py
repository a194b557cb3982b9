"""Recording: each protocol against something that really sends by it, cuts at key pictures, and what survives."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from apps.dicom.network.addresses import Network
from apps.video.live import shelf, sources
from apps.video.live.addresses import Forbidden, read
from apps.video.live.capture import Capture, Order, Word
from apps.video.live.fragments import cut_to_whole, whole_length
from apps.video.live.segmenting import Cut, NotRecordable, Recorder
from tests.video.clips import clip, copied, decoded
from tests.video.live.senders import LOOPBACK, PICTURES, film, free_port, playlist, rtmp, rtsp, sending, serving

LIMIT = 30.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "READ_SECONDS", 1.5)


def order(url: str, folder: Path, **changed: Any) -> Order:
    told: dict[str, Any] = {
        "url": url, "folder": str(folder), "networks": ["127.0.0.0/8"], "cut_seconds": 1, "cut_bytes": 1 << 30,
        "seconds": LIMIT, "has_sound": False, "first_number": 1,
    }  # fmt: skip
    return Order.of(told | changed)


@contextmanager
def recording(wanted: Order) -> Iterator[Capture]:
    """A capture at work in a thread."""
    capture = Capture(wanted)
    thread = threading.Thread(target=capture.run, daemon=True)
    thread.start()
    try:
        yield capture
    finally:
        capture.stopping.set()
        thread.join(LIMIT)


def until(condition: Callable[[], Any]) -> None:
    limit = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.02)


def pictures(folder: Path) -> list[int]:
    return [decoded(each.file) for each in shelf.segments(folder)]


def test_a_transport_stream_by_udp_is_cut_at_key_pictures_and_no_picture_is_lost(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    with recording(order(f"udp://127.0.0.1:{port}", tmp_path)) as capture, sending(port, film().read_bytes()):
        until(lambda: capture._written.pictures >= PICTURES - 2)
    found = shelf.segments(tmp_path)
    assert [each.number for each in found] == [1, 2, 3]
    assert all(each.is_finished for each in found)
    assert pictures(tmp_path)[:2] == [30, 30]
    assert PICTURES - 2 <= sum(pictures(tmp_path)) <= PICTURES
    apart = [after.started_at - before.started_at for before, after in pairwise(found)]
    assert apart == [timedelta(seconds=1)] * 2
    with av.open(str(found[1].file)) as second:
        packets = [packet for packet in second.demux(video=0) if packet.size]
    assert packets[0].is_keyframe
    assert packets[0].dts == 0


def test_packets_of_senders_that_are_not_allowed_are_left_out(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)
    only = order(f"udp://127.0.0.1:{port}", tmp_path, networks=["127.0.0.1/32"])
    data = film().read_bytes()
    with recording(only) as capture, sending(port, data):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.2", 0))
            for _ in range(200):
                other.sendto(b"\x47" + os.urandom(187), ("127.0.0.1", port))
                time.sleep(0.005)
        # A busy machine loses datagrams among so many.
        until(lambda: capture._written.pictures >= PICTURES // 2)
    assert PICTURES // 2 <= sum(pictures(tmp_path)) <= PICTURES


def test_a_playlist_is_recorded_to_its_end(tmp_path: Path) -> None:
    web, folder = tmp_path / "web", tmp_path / "folder"
    web.mkdir()
    playlist(web)
    with serving(web) as port:
        assert Capture(order(f"http://127.0.0.1:{port}/film.m3u8", folder)).run() is Word.ENDED
    assert sum(pictures(folder)) == PICTURES


def test_a_playlist_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    web, folder = tmp_path / "web", tmp_path / "folder"
    web.mkdir()
    listed = playlist(web)
    with serving(web) as port:
        listed.write_text(listed.read_text().replace("film0.ts", f"http://127.0.0.9:{port}/film0.ts"))
        wanted = order(f"http://127.0.0.1:{port}/film.m3u8", folder, networks=["127.0.0.1/32"])
        assert Capture(wanted).run() is Word.REFUSED
    assert shelf.segments(folder) == []


@pytest.mark.parametrize("elsewhere", ["file:///etc/passwd", "udp://127.0.0.1:9999", "data:text/plain,x"])
def test_a_playlist_of_other_protocols_is_not_opened(tmp_path: Path, elsewhere: str) -> None:
    listed = playlist(tmp_path)
    with serving(tmp_path) as port:
        listed.write_text(listed.read_text().replace("film0.ts", elsewhere))
        with pytest.raises((OSError, ValueError)):
            _open(f"http://127.0.0.1:{port}/film.m3u8", LOOPBACK)


def test_a_camera_by_rtsp_is_recorded_and_again_when_it_comes_back(tmp_path: Path) -> None:
    with rtsp(film().read_bytes()) as port, recording(order(f"rtsp://127.0.0.1:{port}/1", tmp_path)) as capture:
        until(lambda: capture.connections >= 2 and capture._written.pictures >= 2 * PICTURES - 2)
    assert sum(pictures(tmp_path)) >= 2 * PICTURES - 2
    assert len(shelf.segments(tmp_path)) >= 6


def test_a_server_of_rtmp_is_recorded(tmp_path: Path) -> None:
    with rtmp(film()) as port, recording(order(f"rtmp://127.0.0.1:{port}/live/film", tmp_path)) as capture:
        until(lambda: capture._written.pictures >= PICTURES)
    assert sum(pictures(tmp_path)) >= PICTURES


def test_sound_is_recorded_where_it_is_asked_for_alone(tmp_path: Path) -> None:
    source = clip("sounding.ts", seconds=1, size=(160, 120), sound=_sound())
    for has_sound in (True, False):
        folder = tmp_path / str(has_sound)
        folder.mkdir()
        _record(source, folder, Cut(10, 1 << 30), has_sound=has_sound)
        with av.open(str(shelf.segments(folder)[0].file)) as written:
            assert len(written.streams.audio) == has_sound
            heard = [frame.samples for frame in written.decode(audio=0)] if has_sound else []
        assert (sum(heard) > 40_000) == has_sound


def _sound() -> Any:
    from tests.video.clips import Sounding

    return Sounding("aac")


def _record(source: Path, folder: Path, cut: Cut, *, has_sound: bool = False) -> Recorder:
    recorder = Recorder(folder, cut, has_sound, lambda: datetime.now(UTC))
    with av.open(str(source)) as container:
        recorder.record(container, lambda: False)
    return recorder


def test_a_source_without_key_pictures_is_refused_after_a_while(tmp_path: Path) -> None:
    endless = clip("endless.ts", seconds=3, size=(160, 120), options={"g": "1000", "preset": "ultrafast"})
    with pytest.raises(NotRecordable, match="key picture"):
        _record(endless, tmp_path, Cut(0.5, 1 << 30))
    # What came until then is kept.
    assert sum(pictures(tmp_path)) >= 60


def test_what_mp4_can_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotRecordable, match="vp9"):
        _record(clip("live.webm", codec="libvpx-vp9", frames=3), tmp_path, Cut(1, 1 << 30))


def test_a_large_segment_ends_before_its_time(tmp_path: Path) -> None:
    _record(film(), tmp_path, Cut(100, film().stat().st_size // 4))
    assert len(shelf.segments(tmp_path)) >= 2
    assert sum(pictures(tmp_path)) == PICTURES


class TestKilled:
    """A process of its own, killed as the kernel would."""

    def test_at_most_the_last_fragment_is_lost_and_the_next_start_goes_on(self, tmp_path: Path) -> None:
        port = free_port(socket.SOCK_DGRAM)
        told = {
            "url": f"udp://127.0.0.1:{port}", "folder": str(tmp_path), "networks": ["127.0.0.0/8"], "cut_seconds": 100,
            "cut_bytes": 1 << 30, "seconds": LIMIT, "has_sound": False, "first_number": 1,
        }  # fmt: skip
        with sending(port, film(seconds=6).read_bytes(), seconds=6) as over:
            heard = self._killed_after(told, seconds=2.5)
            [left] = shelf.segments(tmp_path)
            assert not left.is_finished
            over.set()
        capture = Capture(Order.of(told))
        capture.stopping.set()
        assert capture.run() is Word.ENDED
        [kept] = shelf.segments(tmp_path)
        assert kept.is_finished
        # A fragment is a second at most: 30 pictures, and what is heard of lags by another.
        assert decoded(kept.file) >= heard - 30
        assert capture._next_number() == 2

    @staticmethod
    def _killed_after(told: dict[str, Any], seconds: float) -> int:
        """How many pictures it had told of when it was killed."""
        command = [sys.executable, "-m", "apps.video.live.capture"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(told) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                said = json.loads(line)
                if said["pictures"] >= 30 * seconds:
                    break
            os.kill(process.pid, signal.SIGKILL)
        return int(said["pictures"])


def test_a_file_that_was_cut_off_anywhere_ends_at_its_last_whole_fragment(tmp_path: Path) -> None:
    _record(film(), tmp_path, Cut(100, 1 << 30))
    [whole] = shelf.segments(tmp_path)
    assert whole_length(whole.file) > 0
    seen = set()
    for share in (0.0, 0.01, 0.3, 0.6, 0.9):
        part = copied(whole.file, tmp_path / "part", share=share)
        if cut_to_whole(part):
            seen.add(decoded(part))
        else:
            assert part.stat().st_size == 0
    assert seen
    assert all(count % 15 == 0 for count in seen)


def test_a_part_without_a_whole_fragment_is_removed_and_a_whole_one_kept(tmp_path: Path) -> None:
    _record(film(), tmp_path, Cut(100, 1 << 30))
    [whole] = shelf.segments(tmp_path)
    copied(whole.file, shelf.part(tmp_path, 2, datetime.now(UTC)), share=0.01)
    copied(whole.file, shelf.part(tmp_path, 3, datetime.now(UTC)), share=0.7)
    with shelf.locked(tmp_path):
        assert shelf.salvage(tmp_path) == 1
    assert [each.number for each in shelf.segments(tmp_path)] == [1, 3]


def test_a_folder_has_one_writer(tmp_path: Path) -> None:
    with shelf.locked(tmp_path), pytest.raises(shelf.Taken), shelf.locked(tmp_path):
        pass
    with shelf.locked(tmp_path):
        assert Capture(order("udp://127.0.0.1:5000", tmp_path)).run() is Word.WAITING


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "concat:a|b", "ftp://127.0.0.1/a", "rtsp:///a", "udp://127.0.0.1:80", "/etc/passwd",
        "udp://127.0.0.1", "udp://127.0.0.1:5000?localaddr=10.0.0.1", "rtsp://127.0.0.1:99999/", "rtsp://a b/", "",
        "subfile,,start,0,end,9,,:/etc/passwd", "rtmp://127.0.0.1/a\nb", "http://" + "a" * 2000, "tcp://127.0.0.1:1/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        read(url)


def test_hosts_out_of_the_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match="FOVEA_RECORDING_NETWORKS"):
        _open("rtsp://192.0.2.1/", LOOPBACK)
    assert Capture(order("http://192.0.2.1/a.m3u8", tmp_path)).run() is Word.REFUSED


def _open(url: str, networks: tuple[Network, ...]) -> None:
    with sources.opened(read(url), networks):
        pytest.fail("it was opened")


def test_a_place_tells_no_password() -> None:
    source = read("rtsp://nurse:secret@127.0.0.1/stream?key=abc")
    assert source.place == "rtsp://127.0.0.1:554"
    assert source.at(ip_network("127.0.0.1/32")[0]) == "rtsp://nurse:secret@127.0.0.1:554/stream?key=abc"
