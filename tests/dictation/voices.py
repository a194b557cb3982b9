"""Speech made by espeak-ng, and other sounds, as WAV files."""

import io
import subprocess
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.dictation.recognising.sounds import RATE, Samples, samples

# None of those by which the weights were found.
HELD_OUT: Final = ("en-us+f4", "en-gb+m5", "en-us+linda")
PAUSE: Final = 1.0


def spoken(texts: Iterable[str], voice: str, folder: Path) -> Samples:
    """The texts, one after another, with pauses between them, in which it is never quite silent."""
    pause = np.zeros(round(PAUSE * RATE), np.int16)
    pieces = [pause]
    for number, text in enumerate(texts):
        file = folder / f"{voice}-{number}.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(file), text], check=True, capture_output=True)
        pieces += [samples(file), pause]
    return noisy(np.concatenate(pieces))


def noisy(sound: Samples, level: float = 20.0) -> Samples:
    noise = np.random.default_rng(1).normal(0, level, len(sound))
    return np.clip(sound + noise, -32768, 32767).astype(np.int16)


def wav(sound: NDArray[Any], rate: int = RATE) -> bytes:
    """Samples (count,) or (count, channels) as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(sound.astype("<i2").tobytes())
    return file.getvalue()


def tone(seconds: float, rate: int = RATE) -> NDArray[np.int16]:
    return (8000 * np.sin(np.arange(round(seconds * rate)) / rate * 2 * np.pi * 440)).astype(np.int16)
