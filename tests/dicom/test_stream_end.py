"""Where streams end that were padded to an even length."""

import pytest

from apps.dicom.stream_end import own_end
from apps.dicom.video import Container


def box(length: int, kind: bytes = b"mdat") -> bytes:
    return length.to_bytes(4, "big") + kind + b"\1" * (length - 8)


def large_box(length: int) -> bytes:
    return (1).to_bytes(4, "big") + b"mdat" + length.to_bytes(8, "big") + b"\1" * (length - 16)


PACKETS = (b"G" + bytes(187)) * 2


@pytest.mark.parametrize(
    ("stream", "container", "end"),
    [
        (box(12, b"ftyp") + box(21) + b"\0", Container.MP4, 33),
        (box(12, b"ftyp") + large_box(21) + b"\0", Container.MP4, 33),
        (box(12, b"ftyp") + box(21) + b"\1", Container.MP4, 34),
        (box(12, b"ftyp") + box(20)[:-1] + b"\0", Container.MP4, 32),
        (b"\0" * 4 + b"mdat" + bytes(8), Container.MP4, 16),
        (box(12) + b"\0\0", Container.MP4, 14),
        (PACKETS, Container.TRANSPORT, 376),
        (b"\0\0\1\xb3\1\0\0\1\xb7\0", Container.MPEG2, 9),
        (b"\0\0\1\xba\1\0\0\1\xb9\0", Container.PROGRAM, 9),
        (b"\0\0\1\xb3\1\2\3\4\5\0", Container.MPEG2, 10),
        (b"", Container.MP4, 0),
    ],
)
def test_one_byte_behind_the_last_box_or_code_is_no_part_of_the_stream(
    stream: bytes, container: Container, end: int
) -> None:
    assert own_end(lambda start, length: stream[start : start + length], len(stream), container) == end
