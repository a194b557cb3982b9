"""Streams in fragments: lengths, padding, the end, and streams larger than one fragment can be."""

import os
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from apps.video.conversion import wrapping
from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path as Way
from apps.video.conversion.syntaxes import LARGEST_FRAGMENT, for_size
from apps.video.conversion.wrapping import wrap
from apps.video.objects.attributes import dataset
from apps.video.objects.head import head
from apps.video.objects.metadata import Metadata
from tests.video.objects import samples

ROOT = "1.2.840.10008.1.2.4."


def wrapped(folder: Path, data: bytes, *, largest: int = LARGEST_FRAGMENT, syntax: str = "102") -> tuple[Path, list]:
    file, target = folder / "stream", folder / "object.dcm"
    file.write_bytes(data)
    stream = replace(samples.stream(syntax, size=len(data)), file=file)
    fragments = wrap(stream, whole_head(stream), target, largest=largest)
    return target, list(fragments)


def whole_head(stream: Stream) -> bytes:
    return head(dataset(Metadata(seed="a"), stream), stream)


def fragments_of(element: bytes) -> list[bytes]:
    """The items of encapsulated pixel data, by hand."""
    items, position = [], 0
    while element[position : position + 4] != b"\xfe\xff\xdd\xe0":
        assert element[position : position + 4] == b"\xfe\xff\x00\xe0"
        length = int.from_bytes(element[position + 4 : position + 8], "little")
        items.append(element[position + 8 : position + 8 + length])
        position += 8 + length
    assert element[position:] == b"\xfe\xff\xdd\xe0\0\0\0\0"
    return items


@pytest.mark.parametrize("size", [1, 2, 1001, 1 << 16])
def test_one_fragment_of_even_length_and_the_true_length_beside_it(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    target, fragments = wrapped(tmp_path, data)
    read = pydicom.dcmread(target)
    assert read.file_meta.TransferSyntaxUID == ROOT + "102"
    assert read[0x7FE00003].value == size
    raw = target.read_bytes()
    element = raw.index(b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff")
    table, item = fragments_of(raw[element + 12 :])
    assert (table, item) == (b"", data + bytes(size % 2))
    [(offset, length)] = fragments
    assert (length, raw[offset : offset + length]) == (size, data)


def test_what_is_too_long_is_in_several_fragments(tmp_path: Path) -> None:
    data = os.urandom(1001)
    target, fragments = wrapped(tmp_path, data, largest=400, syntax="102.1")
    raw = target.read_bytes()
    element = raw.index(b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff")
    assert fragments_of(raw[element + 12 :]) == [b"", data[:400], data[400:800], data[800:] + b"\0"]
    assert [length for _, length in fragments] == [400, 400, 201]


def test_only_what_is_too_long_has_the_syntax_of_fragments() -> None:
    h264 = ROOT + "102"
    assert for_size(h264, LARGEST_FRAGMENT) == h264
    assert for_size(h264, LARGEST_FRAGMENT + 1) == h264 + ".1"
    assert for_size(ROOT + "100", 1 << 33) == ROOT + "100.1"
    assert for_size(ROOT + "107", 1 << 33) == ROOT + "107"
    assert for_size(ROOT + "50", 1 << 33) == ROOT + "50"


def test_a_stream_of_more_than_4_gib(tmp_path: Path) -> None:
    """A file with a hole, whose copy has one too: nothing of it is in memory, or on the disk."""
    file, target = tmp_path / "stream", tmp_path / "object.dcm"
    size = LARGEST_FRAGMENT + 3
    with file.open("wb") as made:
        made.write(b"head")
        made.seek(size - 4)
        made.write(b"tail")
    stream = replace(samples.stream("102.1", size=size), file=file)
    begun = whole_head(stream)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "_copied", sparsely)
        fragments = wrap(stream, begun, target)
    assert [length for _, length in fragments] == [LARGEST_FRAGMENT, 3]
    (first, _), (second, _) = fragments
    assert second == first + LARGEST_FRAGMENT + 8
    with target.open("rb") as read:
        read.seek(first)
        assert read.read(4) == b"head"
        read.seek(second - 8)
        assert read.read() == b"\xfe\xff\x00\xe0\x04\0\0\0" + b"ail\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    header = pydicom.dcmread(target, stop_before_pixels=True)
    assert (header.file_meta.TransferSyntaxUID, header[0x7FE00003].value) == (ROOT + "102.1", size)


def sparsely(source: int, target: int, offset: int, length: int) -> int:
    """As the kernel copies, but for holes: these are left out."""
    end = os.lseek(source, 0, os.SEEK_END)
    try:
        data = os.lseek(source, offset, os.SEEK_DATA)
    except OSError:
        data = end
    if data > offset:
        skipped = min(data - offset, length)
        os.lseek(target, skipped, os.SEEK_CUR)
        return skipped
    return os.write(target, os.pread(source, min(length, 1 << 16), offset))


def test_where_the_kernel_can_not_copy_it_is_done_by_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    data = os.urandom((2 << 20) + 5)
    target, [(offset, length)] = wrapped(tmp_path, data)
    assert target.read_bytes()[offset : offset + length] == data


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    with pytest.raises(OSError, match="No space"):
        wrapped(tmp_path, b"stream")


def test_a_file_that_shrinks_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "stream"
    file.write_bytes(b"short")
    stream = replace(samples.stream("102", size=100), file=file)
    with pytest.raises(EOFError):
        wrap(stream, b"", tmp_path / "object.dcm")


def test_each_jpeg_is_a_fragment_with_its_offset(tmp_path: Path) -> None:
    file, target = tmp_path / "frames", tmp_path / "object.dcm"
    frames = [b"\xff\xd8one\xff\xd9", b"\xff\xd8four\xff\xd9", b"\xff\xd8x\xff\xd9"]
    file.write_bytes(b"".join(frames))
    offsets = [sum(map(len, frames[:number])) for number in range(3)]
    spans = tuple(zip(offsets, map(len, frames), strict=True))
    stream = replace(samples.stream("50", Way.WRAP_JPEG, size=file.stat().st_size, spans=spans, frames=3), file=file)
    wrap(stream, whole_head(stream), target)
    read = pydicom.dcmread(target)
    found = list(pydicom.encaps.generate_frames(
        read.PixelData, number_of_frames=3, extended_offsets=(read.ExtendedOffsetTable, read.ExtendedOffsetTableLengths)
    ))  # fmt: skip
    assert [frame.rstrip(b"\0") for frame in found] == frames
