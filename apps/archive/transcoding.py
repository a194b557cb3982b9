"""Stored objects and frames in other transfer syntaxes than their own (PS3.18 8.7.3), a frame at a time.

What can't be converted raises NotConvertible before a byte of it is sent; the caller then gives what is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from apps.archive.decoding import call
from apps.archive.leaving import file_of, head, leaves_in
from apps.archive.retrieve import BulkData, Frames, Reader, StoredInstance, iter_file
from apps.archive.unpacked import Unpacked, elements_after, elements_before, unpack
from apps.dicom.description import PixelDescription, Undecodable
from apps.dicom.elements import MAX_LENGTH, element_head
from apps.dicom.errors import Unreadable
from apps.dicom.implicit import in_implicit_vr
from apps.dicom.isolation.decoding import allowance
from apps.dicom.pixel_value import OFFSET_TABLES, describing, encapsulated_element, native_element, native_length
from apps.dicom.representation import form_in, frame_form_in, targets_of
from apps.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, NATIVE, of_frames
from apps.saying import say

_TRANSCODE: Final = "apps.dicom.transcode.transcode_frame"
# Tag, VR, two zero bytes and the length: all VRs of pixel data are long ones (PS3.5 7.1.2).
_PIXEL_HEAD: Final = 12
# After the preamble, the prefix and File Meta Information Group Length (PS3.10 7.1).
_META_LENGTH_END: Final = 144


class NotConvertible(Exception):
    """The object or frame can't be had in the transfer syntax; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A file in some transfer syntax: how long it is, where that is known, and its bytes in pieces."""

    transfer_syntax_uid: str
    size: int | None
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Conversion:
    """Frames of one form in one transfer syntax on their way to another."""

    description: PixelDescription
    source: str
    form: PixelDescription
    target: str

    def __call__(self, data: bytes) -> bytes:
        converted: bytes = call(
            _TRANSCODE,
            data,
            self.description,
            self.source,
            self.form,
            self.target,
            seconds=2 * allowance(self.description),
        )
        return converted


def as_it_leaves(stored: StoredInstance) -> Converted:
    """The file in no other transfer syntax than it leaves in by itself. Raises NotAcceptable."""
    file = file_of(stored)
    return Converted(file.transfer_syntax_uid, file.size, file.pieces(0, file.size))


def file_in(stored: StoredInstance, target: str) -> Converted:
    """The object as a file in another transfer syntax, with the same UIDs (PS3.18 8.7.3.5.2). Raises NotConvertible.

    What has no pixels is in Explicit VR Little Endian whatever `target` is. A frame that can't be converted after the
    first one raises while the pieces are read: the file is not whole then.
    """
    if leaves_in(stored) == target:
        return as_it_leaves(stored)
    try:
        return _file_in(unpack(stored), target)
    except (Undecodable, Unreadable) as error:
        raise NotConvertible(str(error)) from error


def data_set_in(stored: StoredInstance, target: str) -> Converted:
    """The object's data set alone, without File Meta Information, as messages have it (PS3.7 9.3.1).

    `target` may be what it leaves in, what `file_in` makes, or Implicit VR Little Endian. Raises NotConvertible, and
    NotAcceptable for an object whose correction can't be written into it; later pieces as `file_in` says.
    """
    if not stored.correction and target == stored.transfer_syntax_uid:
        size = stored.size - stored.dataset_offset
        return Converted(target, size, iter_file(stored, stored.dataset_offset, size))
    if target == IMPLICIT_VR_LITTLE_ENDIAN:
        return _in_implicit_vr(stored)
    found = file_in(stored, target)
    if found.transfer_syntax_uid != target:
        raise NotConvertible(_refusal(target))
    return _without_meta(found)


def _without_meta(file: Converted) -> Converted:
    """What follows the File Meta Information, which the first piece has the whole of (PS3.10 7.1)."""
    first = next(file.pieces)
    start = _META_LENGTH_END + int.from_bytes(first[_META_LENGTH_END - 4 : _META_LENGTH_END], "little")
    size = None if file.size is None else file.size - start
    return Converted(file.transfer_syntax_uid, size, chain([first[start:]], file.pieces))


def _in_implicit_vr(stored: StoredInstance) -> Converted:
    try:
        unpacked = unpack(stored)
        source, native = stored.transfer_syntax_uid, EXPLICIT_VR_LITTLE_ENDIAN
        if not unpacked.pixel_key:
            file = _assembled(unpacked, native, {}, iter(()), 0)
        elif source in NATIVE:
            file = _with_same_pixels(unpacked)
        elif native in targets_of(source):
            file = _with_other_pixels(unpacked, native)
        else:
            raise NotConvertible(_refusal(IMPLICIT_VR_LITTLE_ENDIAN))
    except (Undecodable, Unreadable) as error:
        raise NotConvertible(str(error)) from error
    return Converted(IMPLICIT_VR_LITTLE_ENDIAN, None, in_implicit_vr(_without_meta(file).pieces))


def frames_in(found: Frames, target: str) -> Iterator[tuple[str, bytes]]:
    """The frames in another transfer syntax, each with the one it is in. Raises NotConvertible for the first of them.

    A later one that can't be converted is given as stored: an answer has begun by then.
    """
    source = found.transfer_syntax_uid
    try:
        description = PixelDescription.from_attributes(unpack(found.instance).attributes)
        form = frame_form_in(description, source, target) if target in targets_of(source) else None
        if form is None:
            raise NotConvertible(_refusal(target))
        convert = _Conversion(description, source, form, target)
        frames = iter(found)
        first = convert(next(frames))
    except Undecodable as error:
        raise NotConvertible(str(error)) from error
    return chain([(target, first)], _each(frames, convert))


def _each(frames: Iterator[bytes], convert: _Conversion) -> Iterator[tuple[str, bytes]]:
    for data in frames:
        try:
            yield convert.target, convert(data)
        except Undecodable:
            yield convert.source, data


def _refusal(target: str) -> str:
    return say("This image can't be had in the transfer syntax {target}.", target=target)


def _file_in(unpacked: Unpacked, target: str) -> Converted:
    source = unpacked.stored.transfer_syntax_uid
    if not unpacked.pixel_key:
        if source == EXPLICIT_VR_LITTLE_ENDIAN:
            return as_it_leaves(unpacked.stored)
        return _assembled(unpacked, EXPLICIT_VR_LITTLE_ENDIAN, {}, iter(()), 0)
    if target not in targets_of(source):
        raise NotConvertible(_refusal(target))
    if target == EXPLICIT_VR_LITTLE_ENDIAN and source in NATIVE:
        return _with_same_pixels(unpacked)
    return _with_other_pixels(unpacked, target)


def _with_same_pixels(unpacked: Unpacked) -> Converted:
    length = _PIXEL_HEAD + _even(unpacked.pixels)
    return _assembled(unpacked, EXPLICIT_VR_LITTLE_ENDIAN, {}, _same_pixels(unpacked), length)


def _even(pixels: BulkData) -> int:
    return pixels.length + pixels.length % 2


def _same_pixels(unpacked: Unpacked) -> Iterator[bytes]:
    """Native pixel data whose bytes are only put in order."""
    pixels = unpacked.pixels
    length = _even(pixels)
    yield element_head(unpacked.pixel_key, pixels.vr.encode("ascii"), length)
    for piece in pixels.pieces():
        length -= len(piece)
        yield piece
    yield b"\0" * length


def _with_other_pixels(unpacked: Unpacked, target: str) -> Converted:
    description = PixelDescription.from_attributes(unpacked.attributes)
    source = of_frames(unpacked.stored.transfer_syntax_uid)
    form, count = form_in(description, source, target), unpacked.frames.count
    if form is None or not count:
        raise NotConvertible(_refusal(target))
    length = native_length(form, count)
    if target == EXPLICIT_VR_LITTLE_ENDIAN and length > MAX_LENGTH:
        raise NotConvertible(say("Uncompressed, the object would be too long for its transfer syntax."))
    frames = _all_frames(unpacked, _Conversion(description, source, form, target))
    # The first tells whether the codec takes them at all, while there is still another answer to give.
    frames = chain([next(frames)], frames)
    changed = describing(form, count, unpacked.attributes)
    if target == EXPLICIT_VR_LITTLE_ENDIAN:
        return _assembled(unpacked, target, changed, native_element(frames, form, count), _PIXEL_HEAD + length)
    return _assembled(unpacked, target, changed, encapsulated_element(frames), None)


def _all_frames(unpacked: Unpacked, convert: _Conversion) -> Iterator[bytes]:
    read = Reader(unpacked.stored)
    for number in range(1, unpacked.frames.count + 1):
        yield convert(unpacked.frames.extract(read, number))


def _assembled(
    unpacked: Unpacked, target: str, changed: dict[str, bytes], pixels: Iterator[bytes], length: int | None
) -> Converted:
    """The file's head, the elements before the pixel data, the pixel data of `length` bytes, and what comes after."""
    elements = elements_before(unpacked) | changed
    for table in OFFSET_TABLES:
        elements.pop(table, None)
    start = head(unpacked, target, elements)
    end = b"".join(elements_after(unpacked).values())
    size = None if length is None else len(start) + length + len(end)
    return Converted(target, size, chain([start], pixels, [end]))
