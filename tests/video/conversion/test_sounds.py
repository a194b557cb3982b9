"""The table of sounds (PS3.5 8.2.12), line by line."""

import pytest

from apps.video.conversion.sounds import is_legal
from apps.video.streams.facts import Sound

RATE = 48_000


@pytest.mark.parametrize(
    ("sound", "in_mp4", "in_transport"),
    [
        (Sound("aac", RATE, 2, 128_000, "LC"), True, True),
        (Sound("aac", RATE, 6, 640_000, "LC"), True, True),
        (Sound("aac", RATE, 2, 640_001, "LC"), False, False),
        (Sound("aac", RATE, 2, None, "LC"), True, True),
        (Sound("aac", 44_100, 2, 128_000, "LC"), False, False),
        (Sound("aac", RATE, 1, 128_000, "LC"), False, False),
        (Sound("aac", RATE, 2, 64_000, "HE-AAC"), False, False),
        (Sound("mp3", 44_100, 1, 128_000), True, True),
        (Sound("mp3", 32_000, 2, 320_000), True, True),
        (Sound("mp3", 24_000, 2, 64_000), False, False),
        (Sound("mp3", RATE, 2, 131_072), False, False),
        (Sound("mp3", RATE, 2, None), False, False),
        (Sound("mp2", RATE, 2, 384_000), True, True),
        (Sound("mp2", RATE, 1, 128_000), False, False),
        (Sound("mp2", RATE, 2, 400_000), False, False),
        (Sound("ac3", RATE, 6, 640_000), False, True),
        (Sound("ac3", 44_100, 2, 192_000), False, False),
        (Sound("pcm_bluray", 96_000, 2, 4_608_000), False, True),
        (Sound("pcm_s16le", RATE, 2, 1_536_000), False, False),
        (Sound("opus", RATE, 2, 96_000), False, False),
    ],
    ids=str,
)
def test_each_line(sound: Sound, in_mp4: bool, in_transport: bool) -> None:
    assert (is_legal(sound, "mp4"), is_legal(sound, "mpegts")) == (in_mp4, in_transport)


def test_beside_mpeg2_there_is_only_layer_3() -> None:
    assert is_legal(Sound("mp3", RATE, 2, 128_000), "mpegts", is_mpeg2=True)
    assert not is_legal(Sound("mp2", RATE, 2, 128_000), "mpegts", is_mpeg2=True)
    assert not is_legal(Sound("aac", RATE, 2, 128_000, "LC"), "mpegts", is_mpeg2=True)
