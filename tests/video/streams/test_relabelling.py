"""Streams that are made to say what they are: the head changes, the pictures don't."""

from pathlib import Path
from typing import Any

import av
import pytest

from apps.video.errors import Refused
from apps.video.streams import h264
from apps.video.streams.damage import strict
from apps.video.streams.probing import probe
from apps.video.streams.relabelling import Relabeller, relabelled
from apps.video.streams.units import ANNEX_B, head_of
from tests.video.clips import clip

BASELINE = {"profile": "baseline", "level": "3.0"}
MAIN = {"profile": "main", "level": "4.0"}
HIGH_51 = {"level": "5.1"}


def rewritten(source: Path, target: Path, relabeller: Relabeller) -> None:
    """Copy the packets of a file into an MP4 through a relabeller."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        stream = read.streams.video[0]
        copy = written.add_stream_from_template(stream)
        copy.codec_context.extradata = relabeller.extradata(stream.codec_context.extradata or b"")
        for packet in read.demux(stream):
            if packet.size:
                written.mux(_changed(packet, relabeller, copy))


def _changed(packet: Any, relabeller: Relabeller, stream: Any) -> av.Packet:
    changed = av.Packet(relabeller.packet(bytes(packet)))
    changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
    changed.duration, changed.is_keyframe, changed.stream = packet.duration, packet.is_keyframe, stream
    return changed


@pytest.mark.parametrize("options", [BASELINE, MAIN, HIGH_51])
@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_the_pictures_stay_and_the_label_changes(options: dict[str, str], suffix: str, tmp_path: Path) -> None:
    source, target = clip(f"r.{suffix}", frames=20, options=options), tmp_path / "r.mp4"
    rewritten(source, target, Relabeller(h264.HIGH, 41))
    before, after = probe(source), probe(target)
    assert (after.pictures.profile, after.pictures.level) == (100, 41)
    assert (after.pictures.columns, after.pictures.rate) == (before.pictures.columns, before.pictures.rate)
    found = strict(target, after)
    assert found == strict(source, before)
    assert (found.decoded, found.errors) == (20, 0)


@pytest.mark.parametrize("options", [BASELINE, MAIN])
def test_the_containers_head_says_so_too(options: dict[str, str]) -> None:
    with av.open(str(clip("r.mp4", frames=20, options=options))) as file:
        extradata = file.streams.video[0].codec_context.extradata or b""
    made = Relabeller(h264.HIGH, 41).extradata(extradata)
    assert (made[1], made[3]) == (100, 41)
    assert made.endswith(b"\xfd\xf8\xf8\0")
    assert head_of("h264", made).framing == head_of("h264", extradata).framing
    assert head_of("h264", made).units[1:] == head_of("h264", extradata).units[1:]


def test_packets_without_an_sps_are_left_as_they_are() -> None:
    packet = ANNEX_B.joined([b"\x41slice"])
    assert Relabeller(100, 41).packet(packet) is packet


def test_what_follows_the_head_stays_bit_for_bit() -> None:
    data = clip("r.h264", frames=3, options=MAIN).read_bytes()
    unit = next(unit for unit in ANNEX_B.units(data) if unit[0] & 31 == h264.SPS)
    old, new = h264.sequence(unit), h264.sequence(relabelled(unit, 100, 41))
    assert (new.profile, new.constraints, new.level) == (100, 0, 41)
    for name in ("number", "frame_number_bits", "references", "columns", "rows", "vui", "is_frames_only", "chroma"):
        assert getattr(new, name) == getattr(old, name), name


@pytest.mark.parametrize("pixel_format", ["yuv422p", "yuv444p"])
def test_what_is_no_part_of_high_is_refused(pixel_format: str) -> None:
    data = clip("r.h264", frames=3, pixel_format=pixel_format).read_bytes()
    unit = next(unit for unit in ANNEX_B.units(data) if unit[0] & 31 == h264.SPS)
    with pytest.raises(Refused):
        relabelled(unit, 100, 41)


@pytest.mark.parametrize("unit", [b"\x67", b"\x67\x4d\0\x1e", b"\x67\x4d\0\x1e\0", b"\x67\x4d\0\x1e\x80"])
def test_a_broken_sps_is_refused(unit: bytes) -> None:
    with pytest.raises(Refused):
        relabelled(unit, 100, 41)
