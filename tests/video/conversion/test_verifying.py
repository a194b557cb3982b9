"""The object opened again: whatever is not as it should be is found."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.video.conversion import windows
from apps.video.conversion.converting import examine
from apps.video.conversion.outcome import Stream, Verification
from apps.video.conversion.policy import Policy
from apps.video.conversion.producing import produce
from apps.video.conversion.verifying import verify
from apps.video.conversion.wrapping import wrap
from apps.video.errors import Code, Refused
from apps.video.objects.attributes import dataset
from apps.video.objects.head import head
from apps.video.objects.metadata import Metadata
from tests.video import matrix as films
from tests.video.clips import clip


class Made:
    """An object in the making: its stream, and what can be changed before it is verified."""

    def __init__(self, source: Path, folder: Path) -> None:
        policy = Policy(hardware=False)
        probed, scanned, _, plan = examine(source, policy)
        self.source, self.target = source, folder / "object.dcm"
        self.stream: Stream = produce(source, probed, scanned, plan, policy, folder)
        self.dataset = dataset(Metadata(seed="1"), self.stream)

    def verified(self, **changes: Any) -> Verification:
        """Wrap and verify; `changes` are of the stream as it is expected to be."""
        self.fragments = wrap(self.stream, head(self.dataset, self.stream), self.target, largest=self.largest)
        return verify(self.target, self.fragments, replace(self.stream, **changes), self.source)

    largest = 1 << 20


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(clip("moov-last.mp4", seconds=1, head_first=False, options={"level": "4.1"}), tmp_path)


def refusal(work: Made, **changes: Any) -> str:
    with pytest.raises(Refused) as refused:
        work.verified(**changes)
    assert refused.value.code is Code.MISMATCH
    return str(refused.value)


def test_all_of_a_short_film_is_decoded_and_compared(made: Made) -> None:
    found = made.verified()
    assert (found.frames, found.is_whole, found.profile, found.level) == (30, True, 100, 41)
    assert (found.columns, found.rows, found.rate) == (320, 240, "30/1")
    assert len(found.digest) == 32


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts"])
def test_of_a_long_film_windows_are(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_WHOLE", 10)
    monkeypatch.setattr(windows, "_WINDOW", 320 * 240 * 4)
    source = clip(name, seconds=1, **({"head_first": False} if name == "long.mp4" else {}), options={"level": "4.1"})
    found = Made(source, tmp_path).verified()
    assert (found.frames, found.is_whole) == (30, False)
    assert found.digest


def test_mpeg2_without_an_index_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_WHOLE", 10)
    work = Made(films.mpeg2_pal(), tmp_path)
    assert work.verified().frames == 15
    assert "15 pictures can be decoded" in refusal_of_frames(work)


def refusal_of_frames(work: Made) -> str:
    work.dataset.NumberOfFrames = 14
    return refusal(work, frames=14)


def test_other_pictures_than_the_source_s_are_found(made: Made, tmp_path: Path) -> None:
    made.source = clip("other.mp4", seconds=1, seed=3, head_first=False, options={"level": "4.1"})
    assert "not the same as the file's" in refusal(made)


def test_other_pictures_at_the_end_are_found(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film that begins as the source does, and ends in another way."""
    monkeypatch.setattr(windows, "_WHOLE", 10)
    monkeypatch.setattr(windows, "_WINDOW", 320 * 240 * 4)
    real = windows.end
    calls: list[int] = []

    def end(*given: Any) -> Any:
        calls.append(1)
        seen = real(*given)
        if seen is not None and len(calls) == 2:
            seen.digests[-1] = "another"
        return seen

    monkeypatch.setattr(windows, "end", end)
    assert "not the same as the file's" in refusal(made)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("Rows", 238),
        ("NumberOfFrames", 29),
        ("FrameTime", "33.5"),
        ("PhotometricInterpretation", "RGB"),
        ("BitsStored", 7),
        ("PixelAspectRatio", [4, 3]),
    ],
)
def test_attributes_that_are_not_the_stream_s_are_found(made: Made, keyword: str, value: object) -> None:
    setattr(made.dataset, keyword, value)
    assert keyword in refusal(made)


def test_another_count_than_is_there_is_found(made: Made) -> None:
    made.dataset.NumberOfFrames = 31
    assert "30 pictures can be decoded" in refusal(made, frames=31)


def test_another_size_than_the_head_says_is_found(made: Made) -> None:
    made.dataset.Rows, plan = 242, replace(made.stream.plan, rows=242)
    assert "has rows 240, not 242" in refusal(made, plan=plan)


def test_a_higher_level_than_planned_is_found(made: Made) -> None:
    assert "level 41" in refusal(made, plan=replace(made.stream.plan, level=40))


def test_a_stream_in_several_fragments_is_read_as_one(made: Made) -> None:
    made.largest = 10_000
    assert made.verified().is_whole
    assert len(made.fragments) > 2


def test_lost_bytes_are_found(made: Made) -> None:
    made.verified()
    offset, size = made.fragments[0]
    data = bytearray(made.target.read_bytes())
    data[offset + size - 9000 : offset + size] = bytes(9000)
    made.target.write_bytes(data)
    with pytest.raises(Refused) as refused:
        verify(made.target, made.fragments, made.stream, made.source)
    assert refused.value.code is Code.MISMATCH


def test_fragments_elsewhere_than_written_are_found(made: Made) -> None:
    made.verified()
    offset, size = made.fragments[0]
    with pytest.raises(Refused) as refused:
        verify(made.target, [(offset + 2, size)], made.stream, made.source)
    assert refused.value.code is Code.MISMATCH


def test_a_pad_byte_is_no_part_of_the_stream(tmp_path: Path) -> None:
    """Of two streams of which one has an odd length, that one is padded by a zero."""
    work = Made(films.mpeg2_pal(), tmp_path)
    work.stream.file.write_bytes(work.stream.file.read_bytes() + bytes(1 + work.stream.size % 2))
    work.stream = replace(work.stream, size=work.stream.file.stat().st_size)
    assert work.stream.size % 2
    assert work.verified().frames == 15
    data = bytearray(work.target.read_bytes())
    data[work.fragments[0][0] + work.stream.size] = 7
    work.target.write_bytes(data)
    with pytest.raises(Refused):
        verify(work.target, work.fragments, work.stream, work.source)
