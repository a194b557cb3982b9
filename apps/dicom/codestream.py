"""Headers of JPEG, JPEG-LS and JPEG 2000 streams: what a stream claims, before a decoder believes it."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.dicom.description import PixelDescription, Undecodable
from apps.saying import say

JPEG_2000_START = b"\xff\x4f\xff\x51"
JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
# Each scan of a progressive JPEG passes over the whole image again; honest ones have about ten.
MAX_SCANS = 100
MAX_SEGMENTS = 1000

_START_OF_SCAN = 0xDA
_APP0, _APP14 = 0xE0, 0xEE
_JPEG_LS_FRAME = 0xF7
_LOSSLESS_FRAMES = (0xC3, 0xC7, 0xCB, 0xCF)
_FRAMES = (*(marker for marker in range(0xC0, 0xD0) if marker not in (0xC4, 0xC8, 0xCC)), _JPEG_LS_FRAME)
_SIZ_END, _COD = 42, 0x52


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """The frame header of a JPEG (ISO 10918-1 B.2.2) or JPEG-LS stream, and what tells its colours.

    `adobe_transform` is that of the Adobe marker (0: none, 1: YCbCr), None without the marker.
    """

    process: int
    precision: int
    rows: int
    columns: int
    component_ids: tuple[int, ...]
    is_subsampled: bool
    is_jfif: bool
    adobe_transform: int | None

    @property
    def is_lossless(self) -> bool:
        """Whether the coding process is a lossless one, which never transforms colours."""
        return self.process in _LOSSLESS_FRAMES


@dataclass(frozen=True, slots=True)
class Jpeg2000Header:
    """The SIZ and COD marker segments of a JPEG 2000 codestream (ISO 15444-1 A.5.1, A.6.1)."""

    rows: int
    columns: int
    components: int
    has_colour_transform: bool


def jpeg_header(data: bytes) -> JpegHeader:
    """Read the header of a JPEG or JPEG-LS stream. Raises Undecodable if there is no frame header."""
    is_jfif, adobe_transform = False, None
    for marker, segment in _jpeg_segments(data):
        if marker == _APP0 and segment.startswith(b"JFIF"):
            is_jfif = True
        elif marker == _APP14 and segment.startswith(b"Adobe") and len(segment) >= 12:
            adobe_transform = segment[11]
        elif marker in _FRAMES and len(segment) > 5 and len(segment) >= 6 + 3 * segment[5]:
            sampling = {segment[7 + 3 * index] for index in range(segment[5])}
            return JpegHeader(
                process=marker,
                precision=segment[0],
                rows=int.from_bytes(segment[1:3], "big"),
                columns=int.from_bytes(segment[3:5], "big"),
                component_ids=tuple(segment[6 + 3 * index] for index in range(segment[5])),
                is_subsampled=len(sampling) > 1,
                is_jfif=is_jfif,
                adobe_transform=adobe_transform,
            )
    raise Undecodable(say("The frame is no JPEG stream: it has no frame header."))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker segments up to the first scan; stop where the stream isn't one."""
    position = 2 if data[:2] == b"\xff\xd8" else len(data)
    for _ in range(MAX_SEGMENTS):
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if len(data) < position + 4 or data[position] != 0xFF or data[position + 1] == _START_OF_SCAN:
            return
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        yield data[position + 1], data[position + 4 : position + 2 + length]
        position += 2 + max(length, 2)


def jpeg_2000_codestream(data: bytes) -> bytes:
    """Return the bare codestream of a frame; some wrap it in a JP2 file, against PS3.5 A.4.4."""
    if data.startswith(JP2_SIGNATURE):
        start = data.find(JPEG_2000_START)
        return data[start:] if start >= 0 else b""
    return data


def jpeg_2000_header(codestream: bytes) -> Jpeg2000Header:
    """Read the header of a bare JPEG 2000 or HTJ2K codestream. Raises Undecodable if there is none."""
    if not codestream.startswith(JPEG_2000_START) or len(codestream) < _SIZ_END:
        raise Undecodable(say("The frame is no JPEG 2000 stream: it has no image size."))
    width, height, left, top = (int.from_bytes(codestream[at : at + 4], "big") for at in range(8, 24, 4))
    return Jpeg2000Header(
        rows=height - top,
        columns=width - left,
        components=int.from_bytes(codestream[40:42], "big"),
        has_colour_transform=_has_colour_transform(codestream),
    )


def _has_colour_transform(codestream: bytes) -> bool:
    position = 2
    for _ in range(MAX_SEGMENTS):
        if len(codestream) < position + 9 or codestream[position] != 0xFF:
            return False
        if codestream[position + 1] == _COD:
            return codestream[position + 8] == 1
        position += 2 + int.from_bytes(codestream[position + 2 : position + 4], "big")
    return False


def check_size(rows: int, columns: int, components: int, description: PixelDescription) -> None:
    """Raise Undecodable unless the stream claims the very size that the header does.

    The description's area is bounded, so that a stream that agrees with it can't exhaust the memory.
    """
    if (rows, columns) != (description.rows, description.columns):
        raise Undecodable(
            say(
                "The compressed frame is {rows} x {columns} pixels, but the header says {description_rows} x "
                "{description_columns}.",
                rows=rows,
                columns=columns,
                description_rows=description.rows,
                description_columns=description.columns,
            )
        )
    if components != description.samples_per_pixel:
        raise Undecodable(
            say(
                "The compressed frame has {components} components, but the header says {samples_per_pixel} samples "
                "per pixel.",
                components=components,
                samples_per_pixel=description.samples_per_pixel,
            )
        )


def check_scans(data: bytes) -> None:
    """Raise Undecodable for a progressive JPEG that would keep the decoder busy with scans for ever."""
    if data.count(b"\xff\xda") > MAX_SCANS:
        raise Undecodable(say("The JPEG stream has more than {max_scans} scans.", max_scans=MAX_SCANS))
