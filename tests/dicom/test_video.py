"""What a video stream is, told from its first bytes."""

import pytest

from apps.dicom.video import Coding, Container, coding_of, container_of, plays_as_stored, told_length


@pytest.mark.parametrize(
    ("head", "coding", "container"),
    [
        (b"\0\0\0\x18ftypisom", Coding.H264, Container.MP4),
        (b"\0\0\0\x08moov", Coding.HEVC, Container.MP4),
        (b"G" + bytes(187) + b"G" + bytes(187), Coding.H264, Container.TRANSPORT),
        (bytes(4) + b"G" + bytes(191) + b"G" + bytes(100), Coding.H264, Container.TRANSPORT),
        (b"\0\0\1\xba" + bytes(60), Coding.MPEG2, Container.PROGRAM),
        (b"\0\0\1\xb3" + bytes(60), Coding.MPEG2, Container.MPEG2),
        (b"\0\0\0\1g", Coding.H264, Container.H264),
        (b"\0\0\0\1@", Coding.HEVC, Container.HEVC),
        (b"", Coding.H264, Container.H264),
    ],
)
def test_the_container_is_told_by_the_first_bytes(head: bytes, coding: Coding, container: Container) -> None:
    assert container_of(head, coding) is container


@pytest.mark.parametrize(
    ("suffix", "coding"),
    [
        ("100", Coding.MPEG2),
        ("101.1", Coding.MPEG2),
        ("102", Coding.H264),
        ("106.1", Coding.H264),
        ("107", Coding.HEVC),
        ("108", Coding.HEVC),
        ("90", None),
    ],
)
def test_the_coding_follows_from_the_transfer_syntax(suffix: str, coding: Coding | None) -> None:
    assert coding_of(f"1.2.840.10008.1.2.4.{suffix}") is coding


def test_only_h264_in_mp4_plays_everywhere() -> None:
    plays = [(box, coding) for box in Container for coding in Coding if plays_as_stored(box, coding)]
    assert plays == [(Container.MP4, Coding.H264)]


@pytest.mark.parametrize(("told", "length"), [(None, None), (99, 99), ("99", 99), (0, None), (101, None), (-1, None)])
def test_a_length_that_can_not_be_is_passed_over(told: object, length: int | None) -> None:
    attributes = {} if told is None else {"7FE00003": {"vr": "UV", "Value": [told]}}
    assert told_length(attributes, 100) == length
