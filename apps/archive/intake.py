"""Taking one object in: from a stream of bytes to a checked, indexed object that a batch can store."""

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from isal import isal_zlib

from apps.archive import attributes as index
from apps.archive.outcomes import Identity
from apps.archive.storage import Staged, Staging
from apps.dicom import part10
from apps.dicom.errors import CANNOT_UNDERSTAND, NOT_OF_ITS_SOP_CLASS, Unreadable
from apps.dicom.frames import FrameIndex, index_frames
from apps.dicom.reader import Header, read
from apps.dicom.uids import is_valid_uid

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
    warnings: tuple[str, ...]


class NotStorable(Exception):
    """The object can't be stored: the code for the machine (PS3.18 Annex I) and the text for the person who sent it."""

    def __init__(self, reason: str, failure_reason: int, identity: Identity) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure_reason = failure_reason
        self.identity = identity


def take_in(staging: Staging, chunks: Iterable[bytes], study_instance_uid: str) -> Prepared:
    """Stage and read one object. Raises NotStorable; nothing is left of the object then, or on any other error."""
    staged = staging.stage(chunks)
    try:
        return _prepare(staging, staged, study_instance_uid)
    except Unreadable as error:
        staged.discard()
        raise NotStorable(error.reason, error.failure_reason, Identity()) from error
    except BaseException:
        staged.discard()
        raise


def _prepare(staging: Staging, staged: Staged, study_instance_uid: str) -> Prepared:
    with staged.mapped() as view:
        header = read(view)
        if header.has_meta:
            identity = _checked_identity(header, study_instance_uid)
            return _indexed(staged, header, identity, index_frames(view, header))
        whole = staging.stage(_with_head(header, view))
    try:
        prepared = _prepare(staging, whole, study_instance_uid)
    except BaseException:
        whole.discard()
        raise
    staged.discard()
    return prepared


def _with_head(header: Header, view: mmap.mmap | bytes) -> Iterator[bytes]:
    """A data set without File Meta Information as a file: PS3.10's head, then the same bytes."""
    yield part10.file_head(header)
    for offset in range(header.dataset_offset, len(view), PIECE):
        yield bytes(view[offset : offset + PIECE])


def _checked_identity(header: Header, study_instance_uid: str) -> Identity:
    identity = Identity(
        header.text("0020000D"), header.text("0020000E"), header.text("00080018"), header.text("00080016")
    )
    missing = [
        name
        for name, uid in (
            ("Study Instance UID", identity.study_instance_uid),
            ("Series Instance UID", identity.series_instance_uid),
            ("SOP Instance UID", identity.sop_instance_uid),
            ("SOP Class UID", identity.sop_class_uid),
        )
        if not is_valid_uid(uid)
    ]
    if missing:
        raise NotStorable(f"It has no valid {', '.join(missing)}.", CANNOT_UNDERSTAND, _only_valid(identity))
    if study_instance_uid and identity.study_instance_uid != study_instance_uid:
        raise NotStorable("It belongs to another study than the request names.", NOT_OF_ITS_SOP_CLASS, identity)
    return identity


def _only_valid(identity: Identity) -> Identity:
    """The identity as far as it may be repeated to others."""
    kept = {name: uid for name in Identity.__slots__ if is_valid_uid(uid := getattr(identity, name))}
    return replace(Identity(), **kept)


def _indexed(staged: Staged, header: Header, identity: Identity, frames: FrameIndex) -> Prepared:
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
        found=index.pack(index.answer(attributes, index.INSTANCE_ANSWER)),
        warnings=header.warnings,
    )
