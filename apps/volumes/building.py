"""An array from stored slices: read where the index says they lie, decoded beside each other, written one by one."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import nan
from typing import Any, Final

import numpy as np
import orjson
from django.db import connection
from isal import isal_zlib
from numpy.typing import NDArray

from apps.archive.decoding import decode_frame
from apps.archive.retrieve import COLUMNS, TABLES, Reader, StoredInstance
from apps.archive.statements import marks, plain
from apps.core.errors import NotAcceptable
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.frames import FrameIndex
from apps.dicom.isolation.pool import MOST
from apps.dicom.syntax import DEFLATED, of_frames
from apps.saying import say
from apps.volumes.models import Volume
from apps.volumes.packing import Packing
from apps.volumes.slices import frames_of_volume, gone

# Slices that are looked up at once, and after which it may stop.
AT_ONCE: Final = 64
# More than processes to decode in, since reading waits too (S3); each holds one slice.
THREADS: Final = 2 * MOST

Told = Callable[[int, int], None]
Write = Callable[[int, NDArray[Any]], None]


@dataclass(frozen=True, slots=True)
class _Object:
    """A stored object, where its frames lie and what their pixels are."""

    stored: StoredInstance
    read: Reader
    index: FrameIndex
    description: PixelDescription

    def frame(self, number: int) -> NDArray[Any]:
        """The stored values of a frame, from 1. Raises Undecodable and Unavailable."""
        data = self.index.extract(self.read, number)
        return decode_frame(data, self.description, of_frames(self.stored.transfer_syntax_uid))


@dataclass(frozen=True, slots=True)
class _Slice:
    k: int
    source: _Object
    number: int


def build(volume: Volume, write: Write, tell: Told | None = None) -> float:
    """Have `write(k, values)` called for each slice, from several threads; gives the smallest modality value.

    `tell(done, total)` counts slices; what it raises ends the work. Raises NotFound where images are gone,
    NotAcceptable where one can't be decoded, Unavailable, and what `write` raises.
    """
    packing = Packing.from_json(volume.scale)
    smallest = nan

    def make(one: _Slice) -> float:
        values = packing.packed(one.k, _values(volume, one))
        write(one.k, values)
        return packing.smallest(values)

    done = 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="volume") as threads:
        try:
            for slices in _looked_up(volume):
                for least in threads.map(make, slices):
                    smallest = float(np.fmin(smallest, least))
                    done += 1
                    if tell:
                        tell(done, volume.slices)
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
    return smallest


def _values(volume: Volume, one: _Slice) -> NDArray[Any]:
    """The stored values of a slice. Raises NotAcceptable, Unavailable."""
    try:
        found = one.source.frame(one.number)
    except Undecodable as error:
        raise NotAcceptable(
            say("Slice {number} of the volume can't be decoded: {error}", number=one.k + 1, error=error)
        ) from error
    if found.shape != (volume.rows, volume.columns):
        raise NotAcceptable(
            say("Slice {number} of the volume has another size than its header says.", number=one.k + 1)
        )
    return found


def _looked_up(volume: Volume) -> Iterator[list[_Slice]]:
    """The slices in their order, some at a time: threads ask the database for nothing. Raises NotFound."""
    slices = frames_of_volume(volume)
    known: dict[int, _Object] = {}
    for start in range(0, len(slices), AT_ONCE):
        part = slices[start : start + AT_ONCE]
        wanted = {instance for instance, _ in part}
        known = {pk: known[pk] for pk in wanted if pk in known}
        known |= _objects(sorted(wanted - known.keys()))
        yield [_Slice(start + k, known[instance], number) for k, (instance, number) in enumerate(part)]


def _objects(pks: Sequence[int]) -> dict[int, _Object]:
    if not pks:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, i.header, i.frame_index{TABLES} WHERE i.id IN ({marks(len(pks))})", list(pks)
        )
        found = [_object(plain(row)) for row in cursor.fetchall()]
    if len(found) < len(pks):
        raise gone()
    return {each.stored.pk: each for each in found}


def _object(row: Sequence[Any]) -> _Object:
    *columns, header, frames = row
    stored = StoredInstance(*columns)
    read = Reader(stored)
    if stored.number_of_frames > 1 and stored.transfer_syntax_uid in DEFLATED:
        # Inflated once, before several threads ask for it at once.
        read(0, 0)
    description = _description(orjson.loads(isal_zlib.decompress(header)))
    return _Object(stored, read, FrameIndex.from_bytes(frames), description)


def _description(attributes: dict[str, Any]) -> PixelDescription:
    try:
        return PixelDescription.from_attributes(attributes)
    except Undecodable as error:
        raise NotAcceptable(say("An image of the volume can't be decoded: {error}", error=error)) from error
