"""Stored videos: what their streams are, where these lie in their files, and any bytes of them (PS3.5 8.2.5, A.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from apps.archive import retrieve
from apps.archive.headers import described
from apps.archive.models import Instance
from apps.archive.retrieve import StoredInstance
from apps.archive.storage import site_objects
from apps.core.errors import NotAcceptable
from apps.dicom.attributes import integer
from apps.dicom.frames import FrameIndex, Span
from apps.dicom.spans import part_of
from apps.dicom.stream_end import own_end
from apps.dicom.video import HEAD, Coding, Container, coding_of, container_of, plays_as_stored, told_length
from apps.saying import say

# A player asks for piece after piece: what was found of so many streams is remembered by each process.
REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A video object: where its stream lies in its file, and what the stream is; `size` is in bytes, without a pad."""

    instance: StoredInstance
    coding: Coding
    container: Container
    spans: tuple[Span, ...]
    size: int
    attributes: dict[str, Any]

    @property
    def number_of_frames(self) -> int:
        """As the header says; the stream may hold another number."""
        return max(1, integer(self.attributes, "00280008") or 1)

    @property
    def samples(self) -> int:
        """How many pixels all frames have together, as the header says."""
        rows, columns = (integer(self.attributes, tag) or 0 for tag in ("00280010", "00280011"))
        return self.number_of_frames * rows * columns

    @property
    def plays(self) -> bool:
        """Whether every browser plays it as it is."""
        return plays_as_stored(self.container, self.coding)

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """`length` bytes of the stream from byte `start`, a piece at a time."""
        for offset, size in part_of(self.spans, start, length):
            yield from retrieve.iter_file(self.instance, offset, size)

    def received_at(self) -> datetime | None:
        """When these bytes were stored; None where the object is gone by now."""
        return Instance.objects.filter(pk=self.instance.pk).values_list("received_at", flat=True).first()


def video_of(stored: StoredInstance) -> StoredVideo:
    """The video that an object is. Raises NotAcceptable for one without a stream."""
    coding = coding_of(stored.transfer_syntax_uid)
    if coding is None or not stored.number_of_frames:
        raise NotAcceptable(say("This object has no video."))
    attributes, packed = described(stored)
    spans = FrameIndex.from_bytes(packed).spans(1)
    held = sum(length for _, length in spans)
    container = _container(stored.file_key, spans, coding)
    size = told_length(attributes, held) or _own_end(stored.file_key, spans, held, container)
    return StoredVideo(stored, coding, container, tuple(part_of(spans, 0, size)), size, attributes)


@lru_cache(REMEMBERED)
def _container(file_key: str, spans: tuple[Span, ...], coding: Coding) -> Container:
    return container_of(_read(file_key, spans, 0, HEAD), coding)


@lru_cache(REMEMBERED)
def _own_end(file_key: str, spans: tuple[Span, ...], held: int, container: Container) -> int:
    return own_end(lambda start, length: _read(file_key, spans, start, length), held, container)


def _read(file_key: str, spans: tuple[Span, ...], start: int, length: int) -> bytes:
    """Bytes of the stream; fewer at its end. An object's file never changes under its key."""
    return b"".join(site_objects().read(file_key, offset, size) for offset, size in part_of(spans, start, length))
