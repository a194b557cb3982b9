"""Motion JPEG as single JPEG Baseline frames (ISO/IEC 10918-1; PS3.5 8.2.1), their coefficients untouched.

Cameras leave out the Huffman tables, since Motion JPEG knows which: they are put in (those of K.3). What else a camera
writes into each picture (its name, the place, previews) is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from apps.video.conversion.plan import Plan
from apps.video.streams.facts import Probe, Scan
from apps.video.streams.opening import opened
from apps.video.streams.telling import Tell, quiet

STAGE: Final = "wrap"
_EVERY: Final = 64  # frames between two words of progress
_START, _END = b"\xff\xd8", b"\xff\xd9"
_BASELINE, _TABLES, _SCAN = 0xC0, 0xC4, 0xDA  # SOF0, DHT, SOS
_QUANTIZATION, _RESTART = 0xDB, 0xDD  # DQT, DRI
_JFIF, _ADOBE = 0xE0, 0xEE  # APP0, APP14: what says how colours are meant
_ADOBE_RGB: Final = 0  # the transform of three colours that are not turned into luminance and chrominance
_MOST_SEGMENTS: Final = 256  # before the coefficients; cameras write less than twenty
# DHT with the tables of K.3: both of DC, both of AC.
STANDARD_TABLES: Final = bytes.fromhex(
    "ffc401a20000010501010101010100000000000000000102030405060708090a0b0100030101010101010101010000000000"
    "000102030405060708090a0b100002010303020403050504040000017d010203000411051221314106135161072271143281"
    "91a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758"
    "595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7"
    "b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa110002010204040304"
    "0705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125"
    "f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a8283"
    "8485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8"
    "d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)


class NotBaseline(Exception):
    """A picture is no single JPEG Baseline of the film's size: all of them have to be encoded anew."""


@dataclass(frozen=True, slots=True)
class Frames:
    """A file with one frame after the other."""

    size: int  # bytes
    spans: tuple[tuple[int, int], ...]  # offset and length of each


def extract(source: Path, probe: Probe, scan: Scan, plan: Plan, target: Path, tell: Tell = quiet) -> Frames:
    """Write the frames of `source` as the file `target`, which the caller removes after an exception.

    Raises `NotBaseline`.
    """
    spans: list[tuple[int, int]] = []
    position = 0
    with opened(source) as container, target.open("wb") as file:
        for packet in container.demux(container.streams[probe.stream]):
            if not packet.size or packet.is_discard:
                continue
            written = file.write(frame(bytes(packet), (plan.columns, plan.rows)))
            spans.append((position, written))
            position += written
            if len(spans) % _EVERY == 0:
                tell(STAGE, len(spans), scan.frames)
    return Frames(position, tuple(spans))


def frame(data: bytes, size: tuple[int, int]) -> bytes:
    """One picture of a film with pictures of `size` (columns, rows), as a JPEG that stands by itself.

    Raises `NotBaseline`, also where it is two fields.
    """
    segments = list(_segments(data))
    kinds = {kind for kind, _, _ in segments}
    if _BASELINE not in kinds or _SCAN not in kinds:
        raise NotBaseline
    kept = [_START]
    for kind, begin, end in segments:
        if kind == _SCAN and _TABLES not in kinds:
            kept.append(STANDARD_TABLES)
        if kind == _BASELINE and _size(data[begin:end]) != size:
            raise NotBaseline
        if _is_kept(kind, data[begin:end]):
            kept.append(data[begin:end])
    return b"".join([*kept, _coefficients(data, segments[-1][2])])


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, beginning and end of each segment up to the first scan's header; raises `NotBaseline` for others."""
    if not data.startswith(_START):
        raise NotBaseline
    position = 2
    for _ in range(_MOST_SEGMENTS):
        while data[position : position + 2] == b"\xff\xff":  # fill bytes (B.1.1.2)
            position += 1
        if data[position : position + 1] != b"\xff" or position + 4 > len(data):
            raise NotBaseline
        kind, begin = data[position + 1], position
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        yield kind, begin, position
        if kind == _SCAN:
            return
    raise NotBaseline


def _size(segment: bytes) -> tuple[int, int]:
    """Columns and rows of a frame header (B.2.2)."""
    return int.from_bytes(segment[7:9], "big"), int.from_bytes(segment[5:7], "big")


def _is_kept(kind: int, segment: bytes) -> bool:
    if kind == _ADOBE and segment[4:9] == b"Adobe" and segment[-1] == _ADOBE_RGB:
        raise NotBaseline
    if kind == _JFIF:
        return segment[4:9] == b"JFIF\0"
    return kind in (_BASELINE, _TABLES, _SCAN, _QUANTIZATION, _RESTART, _ADOBE)


def _coefficients(data: bytes, begin: int) -> bytes:
    """What follows the first scan's header, up to the end marker, which is no part of coefficients (B.1.1.5)."""
    end = data.find(_END, begin)
    if end < 0:
        return data[begin:] + _END
    if _START in data[end + 2 :]:
        raise NotBaseline  # the second field
    return data[begin : end + 2]
