"""User data leaves packets and heads; everything else in them stays, byte for byte."""

import pytest

from apps.video.conversion.cleansing import Cleaner, clean_head
from apps.video.streams.units import ANNEX_B, Framing, escaped

H264_SLICE = b"\x65\x88\x84\0\x10" + bytes(range(1, 200))
HEVC_SLICE = b"\x26\x01\xaf" + bytes(range(1, 200))
TIMING = b"\x01\x02\x10\x20"  # a message of type 1
LONG = b"\x05\xff\x2d" + bytes(range(1, 256)) + b"Patient: Doe, Jane".ljust(45, b".")  # 300 bytes of type 5
CAPTION = b"\x04\x05Hello"


def sei(*messages: bytes, header: bytes = b"\x06") -> bytes:
    return escaped(header + b"".join(messages) + b"\x80")


@pytest.mark.parametrize("framing", [ANNEX_B, Framing(4), Framing(2)], ids=str)
@pytest.mark.parametrize(
    ("codec", "header", "picture"), [("h264", b"\x06", H264_SLICE), ("hevc", b"\x4e\x01", HEVC_SLICE)]
)
def test_messages_of_user_data_go_and_others_stay(framing: Framing, codec: str, header: bytes, picture: bytes) -> None:
    packet = framing.joined([sei(LONG, TIMING, CAPTION, header=header), sei(CAPTION, header=header), picture])
    expected = framing.joined([sei(TIMING, header=header), picture])
    assert cleaner(codec, framing).packet(packet) == expected


def cleaner(codec: str, framing: Framing) -> Cleaner:
    """As for a stream whose container keeps such packets."""
    if not framing.size:
        return Cleaner(codec, b"")
    avcc = bytes([1, 100, 0, 41, 0xFC | framing.size - 1, 0xE0, 0])
    hvcc = bytes([1]) + bytes(20) + bytes([framing.size - 1, 0])
    return Cleaner(codec, avcc if codec == "h264" else hvcc)


def test_a_packet_without_user_data_is_not_even_copied() -> None:
    packet = Framing(4).joined([sei(TIMING), H264_SLICE])
    assert cleaner("h264", Framing(4)).packet(packet) is packet


def test_user_data_that_breaks_off_goes_too() -> None:
    broken = b"\x06\x05\xff\xff\x10Doe, Jane"
    assert Cleaner("h264", b"").packet(ANNEX_B.joined([broken, H264_SLICE])) == ANNEX_B.joined([H264_SLICE])


def test_what_looks_like_user_data_in_a_picture_stays() -> None:
    picture = H264_SLICE + sei(LONG)[1:]
    packet = ANNEX_B.joined([picture])
    assert Cleaner("h264", b"").packet(packet) is packet


def test_mpeg2_user_data_goes_wherever_it_is() -> None:
    sequence, picture, piece = b"\0\0\1\xb3head", b"\0\0\1\x00pic", b"\0\0\1\x01slice"
    secret = b"\0\0\1\xb2Doe, Jane"
    clean = Cleaner("mpeg2video", b"").packet
    assert clean(sequence + secret + picture + secret + piece + picture + secret + piece + secret) == (
        sequence + picture + piece + picture + piece
    )
    packet = sequence + picture + piece
    assert clean(packet) is packet


def test_other_codecs_are_let_alone() -> None:
    packet = b"\xff\xd8" + sei(LONG)
    assert Cleaner("mjpeg", b"").packet(packet) is packet


def hvcc(*arrays: tuple[int, list[bytes]]) -> bytes:
    made = bytes([1]) + bytes(20) + b"\x03" + bytes([len(arrays)])
    for kind, units in arrays:
        made += bytes([kind]) + len(units).to_bytes(2, "big")
        made += b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    return made


def test_heads_keep_parameter_sets_only() -> None:
    sets = [(0x20, [b"\x40\x01vps"]), (0xA1, [b"\x42\x01sps"]), (0x22, [b"\x44\x01pps", b"\x44\x01two"])]
    told = (39, [sei(LONG, header=b"\x4e\x01")])
    assert clean_head("hevc", hvcc(sets[0], told, *sets[1:])) == hvcc(*sets)
    assert clean_head("h264", ANNEX_B.joined([b"\x67sps", sei(LONG), b"\x68pps"])) == ANNEX_B.joined(
        [b"\x67sps", b"\x68pps"]
    )
    avcc = b"\x01\x64\0\x29\xff\xe1\0\x04\x67sps\x01\0\x04\x68pps"
    assert clean_head("h264", avcc) == avcc
