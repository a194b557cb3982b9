"""What reading all packets tells of a film."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from apps.video.errors import Code, Refused
from apps.video.streams.facts import Scan
from apps.video.streams.probing import probe
from apps.video.streams.scanning import scan
from tests.video import clips
from tests.video import matrix as films
from tests.video.clips import Sounding, clip


def scanned(path: Path) -> Scan:
    return scan(path, probe(path))


def of(name: str, **asked: Any) -> Scan:
    return scanned(clip(name, **asked))


@pytest.mark.parametrize(
    "case", [case for case in films.matrix() if case.way and case.number not in (6, 20, 24)], ids=str
)
def test_each_picture_of_the_matrix_is_counted(case: films.Case) -> None:
    path = case.make()
    found = scanned(path)
    assert found.frames == clips.decoded(path)
    assert found.timing.rate == case.rate
    assert found.timing.is_constant
    assert (found.corrupt_packets, found.is_short, found.has_user_data) == (0, False, False)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.mov"])
def test_no_container_loses_pictures_or_invents_a_rate(name: str) -> None:
    """Matroska has no times of decoding, AVI none of showing; sound beside is not counted."""
    found = of(name, seconds=1, rate=Fraction(30000, 1001), sound=Sounding("libmp3lame"))
    assert (found.packets, found.frames, found.timing.rate) == (30, 30, Fraction(30000, 1001))
    assert found.key_times[0] == 0
    assert float(found.key_times[1]) == pytest.approx(15 * 1.001 / 30, abs=0.001)
    assert found.longest_group == 15


def test_an_avi_of_twice_the_rate_has_half_of_it(tmp_path: Path) -> None:
    """Its writer counts fields, and leaves every other place empty."""
    path = tmp_path / "fields.avi"
    with av.open(str(path), "w") as written:
        stream: Any = written.add_stream("libx264", rate=60, options={"preset": "superfast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(clips.picture(number, (320, 240)), format="gray")
            frame.pts, frame.time_base = 2 * number, Fraction(1, 60)
            written.mux(stream.encode(frame.reformat(format="yuv420p")))
        written.mux(stream.encode(None))
    with av.open(str(path)) as read:
        assert read.streams.video[0].average_rate == 60
    assert (scanned(path).frames, scanned(path).timing.rate) == (30, Fraction(30))


def test_a_bare_stream_has_the_rate_that_it_says() -> None:
    found = of("a.h264", seconds=1, rate=50)
    assert (found.frames, found.timing.rate, found.timing.span) == (50, Fraction(50), Fraction(1))
    assert found.shown == ()


def test_a_bare_stream_that_says_nothing_is_given_one() -> None:
    path = films.silent_raw()
    told = replace(probe(path), pictures=replace(probe(path).pictures, rate=Fraction(15)))
    assert probe(path).pictures.rate is None
    assert scanned(path).timing.rate == 25
    assert scan(path, told).timing.rate == 15


def test_a_telephones_film_varies() -> None:
    found = scanned(films.phone())
    assert not found.timing.is_constant
    assert found.timing.intervals[:4] == pytest.approx((0.0, 100 / 3, 100 / 3, 125 / 3))
    assert len(found.timing.intervals) == found.frames == 30


def test_times_are_told_as_they_come() -> None:
    with av.open(str(clip("a.mp4", seconds=1))) as file:
        times = [packet.pts for packet in file.demux(video=0) if packet.size]
    assert list(of("a.mp4", seconds=1).shown) == times


def test_hidden_pictures_are_coded_but_take_no_time() -> None:
    found = of("a.mp4", frames=60, cut=20)
    assert found.frames == 45
    assert float(found.timing.span) == pytest.approx(40 / 30)


def test_what_an_encoder_writes_of_itself_is_user_data() -> None:
    assert of("a.mp4", frames=12, user_data=True).has_user_data
    assert of("a.ts", frames=12, user_data=True).has_user_data
    options = {"x265-params": "log-level=none:info=1"}
    assert of("a.mp4", codec="libx265", frames=12, options=options).has_user_data
    assert not of("a.mp4", codec="libx265", frames=12).has_user_data


def test_user_data_of_mpeg2_is_found(tmp_path: Path) -> None:
    data = clip("a.m2v", codec="mpeg2video", container="mpeg2video", frames=12).read_bytes()
    path = tmp_path / "a.m2v"
    path.write_bytes(data.replace(b"\0\0\1\0", b"\0\0\1\xb2Mustermann\0\0\1\0", 1))
    assert scanned(path).has_user_data
    assert not of("a.m2v", codec="mpeg2video", container="mpeg2video", frames=12).has_user_data


@pytest.mark.parametrize(("size", "changes"), [((160, 128), True), ((320, 240), False)])
def test_pictures_that_change_their_size_are_noticed(size: tuple[int, int], changes: bool, tmp_path: Path) -> None:
    path = tmp_path / "two.ts"
    path.write_bytes(clip("a.ts", frames=20).read_bytes() + clip("b.ts", frames=20, size=size).read_bytes())
    found = scanned(path)
    assert (found.frames, found.has_parameter_changes) == (40, changes)


def test_a_film_that_begins_between_key_pictures_says_when_the_first_comes(tmp_path: Path) -> None:
    data = clip("a.ts", seconds=2).read_bytes()
    path = tmp_path / "late.ts"
    path.write_bytes(data[: 188 * 3] + data[188 * (len(data) // 188 // 4) :])
    found = scanned(path)
    assert found.frames < 60
    assert found.key_times[0] > 0


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.h264", "a.mpg"])
def test_a_missing_end_is_noticed(name: str, tmp_path: Path) -> None:
    codec = "mpeg2video" if name == "a.mpg" else "libx264"
    path = clips.copied(clip(name, codec=codec), tmp_path / name, share=0.6)
    found = scanned(path)
    assert found.is_short or found.corrupt_packets
    assert 0 < found.frames < 60


def test_a_fragmented_film_without_its_end_is_short(tmp_path: Path) -> None:
    path = clips.copied(clip("a.mp4", fragmented=True), tmp_path / "a.mp4", share=0.6)
    assert scanned(path).is_short


def test_bits_and_levels_are_measured() -> None:
    path = clip("a.mp4", seconds=2, noise=40, options={"crf": "1"})
    found = scanned(path)
    assert found.bytes < path.stat().st_size < found.bytes + 20_000
    assert found.bytes * 8 / 2 <= found.peak_bits <= found.bytes * 8
    assert found.needed_level > of("a.mp4", seconds=2).needed_level == 13
    assert of("a.mp4", codec="libx265", frames=12).needed_level == 0


def test_who_is_told_can_stop_it() -> None:
    path = clip("a.mp4", seconds=2)
    seen: list[tuple[str, int, int]] = []

    def stop(*told: Any) -> None:
        seen.append(told)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        scan(path, probe(path), tell=stop)
    assert seen == [("scan", seen[0][1], path.stat().st_size)]


def test_a_file_that_lost_its_pictures_since_is_refused(tmp_path: Path) -> None:
    path = clips.copied(clip("a.mkv", seconds=1, sound=Sounding("libmp3lame")), tmp_path / "a.mkv")
    known = probe(path)
    clips.copied(clips.sound_only(), path)
    with pytest.raises(Refused) as refused:
        scan(path, replace(known, stream=7))
    assert refused.value.code is Code.DAMAGED
