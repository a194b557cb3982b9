"""Objects as whoever gets them reads them: the data set by pydicom, the stream out of its fragments."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_fragments

from apps.video.conversion.converting import convert
from apps.video.conversion.outcome import Outcome
from apps.video.conversion.policy import Policy
from apps.video.objects.metadata import Metadata
from apps.video.streams.digests import Digest

_SUFFIXES = {"mp4": ".mp4", "mpegts": ".ts", "mpegvideo": ".m2v"}


@dataclass(frozen=True)
class Object:
    """A finished object; `stream` is its stream as a file of its own, None where each frame is a JPEG."""

    outcome: Outcome
    dataset: Dataset
    fragments: tuple[bytes, ...]  # with their padding
    stream: Path | None


def made_of(source: Path, folder: Path, policy: Policy | None = None) -> Object:
    """Convert a file; raises `Refused`. Nothing but the object is in `folder` afterwards."""
    target = folder / "object.dcm"
    outcome = convert(source, target, Metadata(seed=source.name), policy)
    assert [path.name for path in folder.iterdir()] == ["object.dcm"]
    dataset = dcmread(target)
    offsets, *fragments = generate_fragments(dataset.PixelData)
    assert offsets == b""  # the Basic Offset Table is there, and empty (PS3.5 8.2.5)
    return Object(outcome, dataset, tuple(fragments), _stream(folder, dataset, fragments, outcome))


def _stream(folder: Path, dataset: Dataset, fragments: list[bytes], outcome: Outcome) -> Path | None:
    suffix = _SUFFIXES.get(outcome.stream.plan.container)
    if suffix is None:
        return None
    path = folder / f"stream{suffix}"
    path.write_bytes(b"".join(fragments)[: dataset.EncapsulatedPixelDataValueTotalLength])
    return path


def pictures(made: Object) -> Iterator[Any]:
    """All pictures of an object, decoded."""
    if made.stream is not None:
        with av.open(str(made.stream)) as file:
            yield from file.decode(video=0)
        return
    decoder = av.CodecContext.create("mjpeg", "r")
    for fragment in made.fragments:
        yield from decoder.decode(av.Packet(fragment))


def digest_of(made: Object) -> tuple[int, str]:
    """How many pictures there are, and their digest, as `streams.damage` has it of a file."""
    digest, count = Digest(), 0
    for picture in pictures(made):
        digest.take(picture)
        count += 1
    return count, digest.hexdigest()


def milliseconds(dataset: Dataset) -> Fraction:
    """The mean time from one picture to the next that the object tells."""
    if "FrameTime" in dataset:
        return Fraction(str(dataset.FrameTime))
    intervals = [Fraction(str(value)) for value in dataset.FrameTimeVector]
    assert len(intervals) == dataset.NumberOfFrames
    assert intervals[0] == 0
    return sum(intervals, Fraction(0)) / (len(intervals) - 1)
