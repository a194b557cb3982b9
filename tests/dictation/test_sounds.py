"""Sounds as browsers record them become samples; what is none is refused."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from apps.analysis.apart.refusing import Unanswerable
from apps.dictation.recognising.formats import format_of
from apps.dictation.recognising.sounds import LONGEST_SECONDS, RATE, samples
from tests.dictation.voices import tone, wav


def recorded(container: str, codec: str) -> bytes:
    """A second of a tone as a browser would record it, 48,000 samples a second."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as writer:
        stream: Any = writer.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(1, 48_000)[None], format="s16", layout="mono")
        frame.rate = 48_000
        for each in (*av.AudioResampler(stream.format, "mono", 48_000).resample(frame), None):
            writer.mux(stream.encode(each))
    return file.getvalue()


def read(data: bytes, folder: Path) -> np.ndarray:
    file = folder / "sound"
    file.write_bytes(data)
    return samples(file)


def pitch(sound: np.ndarray) -> float:
    """The loudest frequency (Hz)."""
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * RATE / len(sound))


@pytest.mark.parametrize(
    "data",
    [
        wav(tone(1, 8000), 8000),
        wav(tone(1, 44_100), 44_100),
        wav(np.stack([tone(1), tone(1)], axis=1)),
        recorded("webm", "libopus"),
        recorded("ogg", "libopus"),
        recorded("mp4", "aac"),
        recorded("flac", "flac"),
    ],
    ids=["8 kHz", "44.1 kHz", "stereo", "webm", "ogg", "mp4", "flac"],
)
def test_a_tone_stays_a_tone(data: bytes, tmp_path: Path) -> None:
    sound = read(data, tmp_path)
    assert sound.dtype == np.int16
    assert len(sound) == pytest.approx(RATE, rel=0.06)
    assert pitch(sound) == pytest.approx(440, abs=3)
    assert np.std(sound[RATE // 4 : RATE // 2]) == pytest.approx(8000 / 2**0.5, rel=0.1)


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF", b"RIFF\x00\x00\x00\x00AVI ", b"\x1a\x45\xdf\xa3" + bytes(200), b"OggS" + bytes(200), bytes(50)],
)
def test_what_is_no_sound_is_told(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unanswerable) as why:
        read(data, tmp_path)
    assert why.value.reason == "no sound"


def test_a_long_sound_is_told_before_it_is_all_read(tmp_path: Path) -> None:
    with pytest.raises(Unanswerable) as why:
        read(wav(np.zeros(4000 * (LONGEST_SECONDS + 1), np.int16), 4000), tmp_path)
    assert (why.value.reason, why.value.values) == ("too long", {"seconds": 120})


def test_playlists_and_pictures_are_no_sounds() -> None:
    assert format_of(b"#EXTM3U\nhttp:") is None
    assert format_of(b"ffconcat version 1.0") is None
    assert format_of(b"") is None
    assert format_of(b"\x00\x00\x00\x20ftypisom") == "mp4"
