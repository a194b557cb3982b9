"""Taking one object in: from a stream of bytes to a checked, indexed object that a batch can store."""

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive import attributes as index
from apps.archive.identity import NotStorable, identify, told_identity
from apps.archive.outcomes import COERCED, NOT_OF_ITS_SOP_CLASS, Identity
from apps.archive.storage import Staged, Staging
from apps.core.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from apps.dicom import part10
from apps.dicom.errors import Unreadable
from apps.dicom.filemeta import media_storage_uids
from apps.dicom.frames import FrameIndex, index_frames
from apps.dicom.reader import Header, read

BASE: Final = "@@BASE@@"
PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """An object that has been read and waits for its batch: its bytes are staged, its index is ready."""

    staged: Staged
    identity: Identity
    transfer_syntax_uid: str
    attributes: dict[str, dict[str, Any]]
    number_of_frames: int
    dataset_offset: int
    header: bytes
    frame_index: bytes
    bulk_index: bytes
    found: bytes
    warning_reason: int
    warnings: tuple[str, ...]


def take_in(staging: Staging, chunks: Iterable[bytes | memoryview], expected: Identity) -> Prepared:
    """Stage and read one object. Raises NotStorable; nothing is left of the object then, or on any other error."""
    return prepare(staging, staging.stage(chunks), expected)


def prepare(staging: Staging, staged: Staged, expected: Identity) -> Prepared:
    """Read an object that is staged. Raises as `take_in`."""
    try:
        return _prepare(staging, staged, expected)
    except Unreadable as error:
        identity = _told_identity(staged)
        staged.discard()
        raise NotStorable(error.reason, error.failure_reason, identity) from error
    except BaseException:
        staged.discard()
        raise


def _told_identity(staged: Staged) -> Identity:
    """Which object it is by its File Meta Information alone, when the rest can't be read."""
    try:
        with staged.mapped() as view:
            return told_identity(media_storage_uids(view))
    except Unreadable:
        return Identity()


def _prepare(staging: Staging, staged: Staged, expected: Identity) -> Prepared:
    with staged.mapped() as view:
        header = read(view)
        identity, warnings = identify(header, staged.digest, expected)
        if header.has_meta:
            return _indexed(staged, header, identity, index_frames(view, header), warnings)
        whole = staging.stage(_with_head(header, view))
    try:
        prepared = _prepare(staging, whole, expected)
    except BaseException:
        whole.discard()
        raise
    staged.discard()
    return prepared


def _with_head(header: Header, view: mmap.mmap | bytes) -> Iterator[bytes]:
    """A data set without File Meta Information as a file: PS3.10's head, then the same bytes."""
    yield part10.file_head(
        header.text("00080016"),
        header.text("00080018"),
        header.transfer_syntax_uid,
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
    )
    for offset in range(header.dataset_offset, len(view), PIECE):
        yield bytes(view[offset : offset + PIECE])


def _indexed(
    staged: Staged, header: Header, identity: Identity, frames: FrameIndex, warnings: tuple[str, ...]
) -> Prepared:
    place = (
        f"{BASE}/studies/{identity.study_instance_uid}/series/{identity.series_instance_uid}"
        f"/instances/{identity.sop_instance_uid}/bulkdata"
    )
    header.resolve_bulk(place)
    attributes = header.attributes
    # Not in the file, but in what is told of it: viewers know a video by it (PS3.18 10.6.3.3, OHIF).
    attributes[index.AVAILABLE_TRANSFER_SYNTAX] = index.value("UI", header.transfer_syntax_uid)
    bulk = {path: [value.vr, value.offset, value.length, value.swap] for path, value in header.bulk.items()}
    return Prepared(
        staged=staged,
        identity=identity,
        transfer_syntax_uid=header.transfer_syntax_uid,
        attributes=attributes,
        number_of_frames=frames.count,
        dataset_offset=header.dataset_offset,
        header=isal_zlib.compress(orjson.dumps(attributes, option=orjson.OPT_SORT_KEYS), 1),
        frame_index=frames.to_bytes(),
        bulk_index=orjson.dumps(bulk) if bulk else b"",
        found=index.pack(index.instance_answer(attributes)),
        warning_reason=COERCED if warnings else NOT_OF_ITS_SOP_CLASS if header.warnings else 0,
        warnings=(*warnings, *header.warnings),
    )
