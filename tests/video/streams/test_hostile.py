"""Whatever bytes come, a parser reads them or refuses them: nothing else, and in no more time than they deserve."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.video.errors import Refused
from apps.video.streams import boxes, ends, h264, hevc, jpeg, mpeg2, scrambling, sei
from apps.video.streams.damage import strict
from apps.video.streams.facts import Pictures
from apps.video.streams.probing import probe
from apps.video.streams.reading import H264Reader, HevcReader, Mpeg2Reader
from apps.video.streams.relabelling import Relabeller, relabelled
from apps.video.streams.scanning import scan
from apps.video.streams.units import ANNEX_B, Framing, Head, head_of
from tests.video import clips
from tests.video.clips import clip


def _all_messages(data: bytes) -> None:
    for header in (1, 2):
        for kind, body in sei.messages(data, header):
            assert kind >= 0
            if kind == sei.FRAME_PACKING:
                sei.is_packed(body)


def _relabel(data: bytes) -> None:
    relabeller = Relabeller(100, 41)
    relabeller.packet(relabeller.extradata(data))


def _read(data: bytes) -> None:
    for framing in (ANNEX_B, Framing(4)):
        head = Head(framing, tuple(framing.units(data)))
        for reader in (H264Reader(head), HevcReader(head), Mpeg2Reader()):
            reader.begins(memoryview(data))


PARSERS: dict[str, Callable[[bytes], object]] = {
    "h264": lambda data: h264.sequence(b"\x67" + data),
    "high": lambda data: h264.sequence(b"\x67\x64\0\x29" + data),
    "hevc": lambda data: hevc.sequence(b"\x42\1" + data),
    "vps": lambda data: hevc.timing_of(b"\x40\1" + data),
    "mpeg2": lambda data: (mpeg2.sequence(b"\0\0\1\xb3" + data), mpeg2.picture(b"\0\0\1\0" + data)),
    "jpeg": lambda data: jpeg.head(b"\xff\xd8" + data),
    "sei": _all_messages,
    "avcC": lambda data: head_of("h264", b"\1" + data),
    "hvcC": lambda data: head_of("hevc", b"\1" + data),
    "relabelled": lambda data: relabelled(b"\x67" + data, 100, 41),
    "relabeller": _relabel,
    "reader": _read,
}


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    with suppress(Refused):
        PARSERS[name](data)


@cache
def _heads() -> list[bytes]:
    """Real parameter sets."""
    sources = [clip("h.h264", frames=3), clip("h.hevc", codec="libx265", frames=3)]
    return [unit for path in sources for unit in ANNEX_B.units(path.read_bytes()) if len(unit) < 200]


@given(st.integers(0, 10**9))
def test_broken_parameter_sets_are_read_or_refused(seed: int) -> None:
    random = Random(seed)
    unit = bytearray(random.choice(_heads()))
    for _ in range(random.randint(1, 4)):
        unit[random.randrange(1, len(unit))] = random.randrange(256)
    for read in (h264.sequence, hevc.sequence, hevc.timing_of, lambda data: relabelled(data, 100, 41)):
        with suppress(Refused):
            read(bytes(unit))


@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_any_file_has_boxes_and_an_end(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    for head in (b"", b"\0\0\0\x08ftyp", b"\0\0\1\0moov\0\0\0\xf0trak"):
        path.write_bytes(head + data)
        assert len(boxes.movie(path).names) <= 64
        for container in ("mp4", "matroska", "avi", "mpegts"):
            assert ends.missing(path, container) >= 0
        scrambling.is_scrambled(path)


def test_boxes_without_end_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes in boxes, more empty ones than are looked at, and one that claims more than there is."""
    monkeypatch.setattr(boxes, "_MOST_BOXES", 1000)
    path = tmp_path / "boxes"
    path.write_bytes(b"".join((8 * (5000 - number)).to_bytes(4, "big") + b"moov" for number in range(5000)))
    assert boxes.movie(path).has_head
    path.write_bytes(b"\0\0\0\x08free" * 1000 + b"\0\0\0\x08moov")
    assert not boxes.movie(path).has_head
    path.write_bytes(b"\0\0\0\1mdat" + b"\xff" * 8)
    assert boxes.movie(path).missing > 1 << 60


@pytest.mark.parametrize("name", ["h.mp4", "h.mkv", "h.ts", "h.avi", "h.h264", "h.mpg", "h.hevc"])
def test_broken_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    codec = {"h.mpg": "mpeg2video", "h.hevc": "libx265"}.get(name, "libx264")
    whole = clip(name, codec=codec, frames=12, size=(64, 48)).read_bytes()
    path = tmp_path / name
    done: list[Pictures] = []
    for seed in range(12):
        random = Random(seed)
        data = bytearray(whole)
        for _ in range(random.choice((1, 10, 100))):
            data[random.randrange(len(data))] = random.randrange(256)
        path.write_bytes(data[: random.choice((len(data), random.randrange(len(data))))])
        with suppress(Refused):
            found = probe(path)
            assert scan(path, found).frames > 0
            strict(path, found)
            done.append(found.pictures)
    assert done


def test_a_film_of_noise_is_refused_or_read(tmp_path: Path) -> None:
    for seed in range(6):
        path = clips.copied(clip("h.ts", frames=12), tmp_path / "noise")
        path.write_bytes(Random(seed).randbytes(50_000))
        with suppress(Refused):
            scan(path, probe(path))
