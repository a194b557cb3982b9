"""PALETTE COLOR images: the red, green and blue tables, plain and segmented (PS3.3 C.7.6.3.1.5, C.7.9)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.dicom.attributes import Attributes, octets, words
from apps.dicom.bands import through_bands
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.lut import PALETTE_DATA, SEGMENTED_PALETTE_DATA, read_descriptor, read_entries
from apps.saying import say

_DESCRIPTOR = "00281101"
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
MAX_SEGMENTS = 65536


def apply_palette(frame: NDArray[Any], attributes: Attributes, description: PixelDescription) -> NDArray[np.uint8]:
    """Return a frame (rows, columns) of palette indices as RGB (rows, columns, 3).

    Raises Undecodable when the header holds no usable palette.
    """
    descriptor = read_descriptor(attributes, _DESCRIPTOR, is_signed=description.is_signed)
    if descriptor is None:
        raise Undecodable(say("The image needs a colour palette, but its header has none."))
    count, first, bits = descriptor
    size = frame.dtype.itemsize
    patterns = np.arange(1 << 8 * min(size, 2)).astype(f"u{size}")
    indices = np.clip(patterns.view(frame.dtype).astype(np.int64) - first, 0, count - 1)
    # Words are looked up, and channels copied, several times as fast as pixels of three bytes.
    table = np.zeros((len(patterns), 4), np.uint8)
    table[:, :3] = _colours(attributes, count, bits)[indices]
    colours = table.view(np.uint32).ravel()

    def convert(band: NDArray[Any]) -> NDArray[np.uint8]:
        words = colours.take(band, mode="clip").view(np.uint8).reshape(*band.shape, 4)
        rgb = np.empty((*band.shape, 3), np.uint8)
        for channel in range(3):
            rgb[:, :, channel] = words[:, :, channel]
        return rgb

    return through_bands(frame.view(f"u{size}"), convert, channels=(3,))


def _colours(attributes: Attributes, count: int, bits: int) -> NDArray[np.uint8]:
    """Return the palette as (count, 3), 8 bits a channel."""
    channels = [
        _channel(attributes, *tags, count, bits) for tags in zip(PALETTE_DATA, SEGMENTED_PALETTE_DATA, strict=True)
    ]
    colours = np.stack(channels, axis=1)
    # What the entries are tells more than what the descriptor says: it is often wrong about 8 and 16 bits.
    return (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)


def _channel(attributes: Attributes, tag: str, segmented_tag: str, count: int, bits: int) -> NDArray[np.uint16]:
    entries = read_entries(attributes, tag, count)
    if entries is not None:
        return entries
    expanded = _expand(attributes, segmented_tag, bits)
    if not expanded:
        raise Undecodable(say("The image needs a colour palette, but its header has no entries for it."))
    entries = np.array(expanded[:count], np.uint16)
    return np.pad(entries, (0, count - len(entries)), mode="edge")


def _expand(attributes: Attributes, tag: str, bits: int) -> list[int]:
    data = octets(attributes, tag) if bits == 8 else None
    segments = words(attributes, tag)
    if data is not None:
        return _SegmentReader(list(data), is_octets=True).expand()
    return [] if segments is None else _SegmentReader(segments.tolist(), is_octets=False).expand()


class _SegmentReader:
    """Expands segmented palette data; never to more than the 65536 entries that a palette may have."""

    def __init__(self, data: list[int], *, is_octets: bool) -> None:
        self._data = data
        self._is_octets = is_octets
        self._entries: list[int] = []
        self._segments_left = MAX_SEGMENTS

    def expand(self) -> list[int]:
        """Return all the entries. Raises Undecodable for segments that aren't in PS3.3 C.7.9.2."""
        try:
            self._read(0, MAX_SEGMENTS, may_refer=True)
        except IndexError as error:
            raise Undecodable(say("The image's segmented colour palette is cut short.")) from error
        return self._entries

    def _read(self, position: int, segments: int, *, may_refer: bool) -> None:
        while segments and position + 1 < len(self._data) and len(self._entries) < 0x10000:
            segments -= 1
            self._segments_left -= 1
            opcode, length = self._data[position], self._data[position + 1]
            if self._segments_left < 0 or opcode > _INDIRECT or (opcode == _INDIRECT and not may_refer):
                raise Undecodable(say("The image's segmented colour palette has an unknown segment."))
            position = self._segment(opcode, length, position + 2)

    def _segment(self, opcode: int, length: int, position: int) -> int:
        """Expand one segment, whose data begin at `position`; return where the next one begins."""
        if opcode == _DISCRETE:
            self._entries.extend(self._data[position : position + length])
            return position + length
        if opcode == _LINEAR:
            steps = np.linspace(self._entries[-1], self._data[position], length + 1)[1:]
            self._entries.extend(np.rint(steps).astype(int).tolist())
            return position + 1
        width, base = (4, 8) if self._is_octets else (2, 16)
        offset = sum(self._data[position + index] << (base * index) for index in range(width))
        self._read(offset, length, may_refer=False)
        return position + width
