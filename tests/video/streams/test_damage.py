"""How much of a file is damaged."""

from pathlib import Path

import av
import pytest

from apps.video.streams.damage import Damage, strict
from apps.video.streams.probing import probe
from tests.video import clips
from tests.video import matrix as films
from tests.video.clips import clip


def damage(path: Path) -> Damage:
    return strict(path, probe(path))


def spoilt(source: Path, target: Path, every: int = 1500) -> Path:
    """A copy with wrong bytes, some apart, after its first half."""
    data = bytearray(source.read_bytes())
    for at in range(len(data) // 2, len(data) - 16, every):
        data[at : at + 16] = b"\x55" * 16
    target.write_bytes(bytes(data))
    return target


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.h264"])
def test_a_whole_film_has_none_in_whatever_container(name: str) -> None:
    found = damage(clip(name, seconds=1))
    assert found == Damage(30, 0, 0, damage(clip("a.mp4", seconds=1)).digest)


def test_other_pictures_have_another_digest() -> None:
    assert damage(clip("a.mp4", frames=12)).digest != damage(clip("a.mp4", frames=12, seed=1)).digest


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "gray", "yuv444p"])
def test_pictures_of_other_depths_and_samplings_are_summed(pixel_format: str, tmp_path: Path) -> None:
    """Without what fills up their lines: fifty samples don't fill one."""
    path, copy = clip("a.mkv", codec="ffv1", size=(50, 38), frames=3, pixel_format=pixel_format), tmp_path / "a.avi"
    with av.open(str(path)) as read, av.open(str(copy), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    assert damage(copy) == damage(path)
    assert damage(path).decoded == 3


def test_a_missing_end_costs_its_pictures_and_no_more() -> None:
    path = films.truncated()
    found = damage(path)
    assert found.errors > 0
    assert found.decoded == clips.decoded(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_wrong_bytes_are_found(name: str, tmp_path: Path) -> None:
    found = damage(spoilt(clip(name, seconds=1), tmp_path / name))
    assert found.errors > 0
    assert 15 <= found.decoded <= 30


def test_what_an_edit_list_hides_is_not_lost() -> None:
    assert damage(clip("a.mp4", frames=60, cut=20)).decoded == 45
