"""Coded pictures in a new container: each of them, none other, and nothing besides."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from apps.video.conversion import remuxing
from apps.video.conversion.converting import examine
from apps.video.conversion.plan import Path as Way
from apps.video.conversion.policy import Policy
from apps.video.conversion.producing import produce
from apps.video.conversion.timetable import timetable
from tests.video.clips import clip
from tests.video.conversion.facts import plan
from tests.video.conversion.films import boxes, made, packets, pictures, told

B_FRAMES = {"level": "4.1", "bf": "3", "x264-params": "b-adapt=0:b-pyramid=normal"}
HIGH = {"seconds": 1, "options": B_FRAMES}
PERSONAL = {"title": "Doe^Jane", "location": "+47.37+008.54/", "comment": "Tower 5", "creation_time": "2026-01-01"}
SECRET = b"Doe, Jane"
TELLING = {"x264-params": "b-adapt=0", "level": "4.1", "a53cc": "1", "udu_sei": "1"}


@pytest.mark.parametrize("name", ["2.mov", "3.mkv", "4.ts", "5.avi", "6.h264", "7.flv"])
def test_every_picture_gets_across_from_every_container(tmp_path: Path, name: str) -> None:
    source = clip(name, **HIGH)
    stream = made(source, tmp_path)
    assert stream.plan.path is Way.REMUX
    assert pictures(stream.file) == pictures(source)
    assert stream.frames == len(packets(stream.file)) == 30
    assert stream.size == stream.file.stat().st_size


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("3.mkv", "libx264", B_FRAMES),
        ("6.h264", "libx264", B_FRAMES),
        ("6.h264", "libx264", {**B_FRAMES, "x264-params": "open-gop=1:b-adapt=0"}),
        ("6.h264", "libx264", {"level": "4.1", "bf": "0"}),
        ("5.avi", "libx264", B_FRAMES),
        ("6.hevc", "libx265", {"x265-params": "log-level=none:keyint=15:b-adapt=0:pools=1"}),
    ],
)
def test_they_are_shown_at_a_constant_rate_from_the_start(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    stream = made(clip(name, codec=codec, seconds=1, options=options), tmp_path)
    with av.open(str(stream.file)) as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [Fraction(number, 30) for number in range(30)]


def test_the_head_comes_first_and_once(tmp_path: Path) -> None:
    stream = made(clip("head-last.mp4", **HIGH, head_first=False), tmp_path)
    assert [box for box in boxes(stream.file) if box != "free"] == ["ftyp", "moov", "mdat"]


def test_a_head_larger_than_its_room_is_put_first_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remuxing, "_room", lambda work: 64)
    source = clip("3.mkv", **HIGH)
    stream = made(source, tmp_path)
    assert [box for box in boxes(stream.file) if box != "free"] == ["ftyp", "moov", "mdat"]
    assert pictures(stream.file) == pictures(source)


def test_nothing_that_the_container_told_gets_across(tmp_path: Path) -> None:
    stream = made(clip("telling.mov", **HIGH, metadata=PERSONAL), tmp_path)
    names = {"major_brand", "minor_version", "compatible_brands", "0:language", "0:handler_name"}
    assert set(told(stream.file)) <= names
    data = stream.file.read_bytes()
    assert not [value for value in PERSONAL.values() if value.encode() in data]
    assert b"Lavf" not in data


def test_user_data_leaves_the_stream_and_the_pictures_stay(tmp_path: Path) -> None:
    source = tmp_path / "secret.mkv"
    with_user_data(source)
    assert SECRET in source.read_bytes()
    stream = made(source, tmp_path)
    assert SECRET not in stream.file.read_bytes()
    assert pictures(stream.file) == pictures(source)


def with_user_data(path: Path) -> None:
    """A clip with an SEI message of type 5 before each picture, and a track with a time code."""
    unit = b"\x06\x05" + bytes([16 + len(SECRET)]) + bytes(range(1, 17)) + SECRET + b"\x80"
    with av.open(str(clip("3.mkv", **HIGH))) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                changed = av.Packet(len(unit).to_bytes(4, "big") + unit + bytes(packet))
                changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
                changed.is_keyframe, changed.stream = packet.is_keyframe, stream
                target.mux(changed)


def test_encoders_names_leave_hevc_heads(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x265-params": "log-level=none:info=1:pools=1"}
    source = clip("named.mkv", codec="libx265", frames=8, options=options)
    assert b"x265" in source.read_bytes()
    stream = made(source, tmp_path)
    assert b"x265" not in stream.file.read_bytes()
    assert pictures(stream.file) == pictures(source)
    with av.open(str(stream.file)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


@pytest.mark.parametrize("options", [{"profile": "main", "level": "4.0"}, {"profile": "baseline"}, {"level": "5.1"}])
@pytest.mark.parametrize("name", ["label.mp4", "label.ts"])
def test_what_lies_of_itself_is_relabelled(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    source = clip(name, seconds=1, options=options)
    stream = made(source, tmp_path)
    assert stream.plan.path is Way.RELABEL
    assert pictures(stream.file) == pictures(source)
    probed = examine(stream.file, Policy())[0].pictures
    assert (probed.profile, probed.level) == (100, stream.plan.level)
    assert probed.level <= 41


@pytest.mark.parametrize("name", ["15.mpg", "15.ts", "15.mkv", "15.mov"])
def test_mpeg2_becomes_a_bare_stream(tmp_path: Path, name: str) -> None:
    source = clip(name, codec="mpeg2video", size=(352, 288), rate=25, frames=15)
    stream = made(source, tmp_path)
    assert stream.file.read_bytes().startswith(b"\0\0\1\xb3")
    assert pictures(stream.file, format="mpegvideo") == pictures(source)
    assert stream.frames == 15


def test_varying_times_stay_what_they_were(tmp_path: Path) -> None:
    source = clip("varying.mkv", seconds=1, varying=True, options={"level": "4.1"})
    stream = made(source, tmp_path)
    assert stream.plan.path is Way.REMUX
    assert len(stream.plan.intervals) == stream.frames
    with av.open(str(stream.file)) as new, av.open(str(source)) as old:
        times = [float(frame.pts * frame.time_base) for frame in new.decode(video=0)]
        start, *_ = before = [float(frame.pts * frame.time_base) for frame in old.decode(video=0)]
    assert times == pytest.approx([time - start for time in before], abs=0.0001)
    assert np.diff(times) * 1000 == pytest.approx(stream.plan.intervals[1:], abs=1)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv"])
def test_pictures_before_the_first_key_picture_are_left_out(tmp_path: Path, name: str) -> None:
    source = clip("cut.mkv", seconds=1, options={"level": "4.1", "g": "10", "bf": "0"})
    cut = tmp_path / name
    with av.open(str(source)) as old, av.open(str(cut), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        kept = [packet for packet in old.demux(video=0) if packet.size][8:]
        for packet in kept:
            packet.stream = stream
            new.mux(packet)
    result = made(cut, tmp_path)
    assert (result.frames, result.lost_frames) == (20, 2)
    assert pictures(result.file) == pictures(source)[10:]
    with av.open(str(result.file)) as container:
        assert [frame.time for frame in container.decode(video=0)][:2] == pytest.approx([0, 1 / 30])


def test_work_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(stage: str, done: int, total: int) -> None:
        raise Stopped

    source = clip("3.mkv", **HIGH)
    probed, scanned, _, decided = examine(source, Policy())
    with pytest.raises(Stopped):
        produce(source, probed, scanned, decided, Policy(), tmp_path, stop)
    assert list(tmp_path.iterdir()) == []


def test_times_of_decoding_rise_and_never_follow_those_of_showing() -> None:
    shown = [0, 400, 200, 100, 300, 800, 600, 500, 700]
    table = timetable(shown, Fraction(1, 3000), plan(), is_single=True)
    assert table.base == Fraction(1, 30)
    assert list(table.shown) == [0, 4, 2, 1, 3, 8, 6, 5, 7]
    assert list(table.decoded) == [-2, -1, 0, 1, 2, 3, 4, 5, 6]
    assert set(table.lengths) == {1}


def test_two_pictures_at_one_time_are_set_apart() -> None:
    table = timetable([0, 10, 10, 11, 50], Fraction(1, 1000), plan(), is_single=False)
    assert list(table.shown) == [0, 10, 11, 12, 50]
    assert np.all(np.diff(table.decoded) > 0)
    assert np.all(table.decoded <= table.shown)
