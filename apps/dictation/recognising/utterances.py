"""Where somebody speaks in a sound: stretches between pauses."""

from collections.abc import Iterator, Sequence
from typing import Final

from apps.dictation.recognising.sounds import RATE, Samples

FRAME_SECONDS: Final = 0.03
FRAME: Final = round(RATE * FRAME_SECONDS)
# Within one utterance nobody pauses for longer (seconds); a shorter one than this is a click or a cough.
LONGEST_PAUSE: Final = 0.6
SHORTEST: Final = 0.15
# What is listened to before and after it (seconds): soft consonants don't count as speech.
MARGIN: Final = 0.25


def utterances(sound: Samples) -> list[tuple[int, int]]:
    """From which sample to which (exclusive) somebody speaks, in order, each with a margin."""
    from pocketsphinx import Vad

    activity = Vad(Vad.MEDIUM_STRICT, RATE, FRAME_SECONDS)
    frames = range(0, len(sound) - FRAME + 1, FRAME)
    is_speech = [activity.is_speech(sound[start : start + FRAME].tobytes()) for start in frames]
    margin = round(MARGIN * RATE)
    return [
        (max(first * FRAME - margin, 0), min((last + 1) * FRAME + margin, len(sound)))
        for first, last in stretches(is_speech)
    ]


def stretches(is_speech: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The first and the last frame of each stretch of speech. Pauses shorter than LONGEST_PAUSE belong to one; one with
    less speech than SHORTEST is none."""
    most, least = round(LONGEST_PAUSE / FRAME_SECONDS), round(SHORTEST / FRAME_SECONDS)
    spoken = [number for number, each in enumerate(is_speech) if each]
    begin = 0
    for place, number in enumerate(spoken):
        is_last = place + 1 == len(spoken) or spoken[place + 1] - number > most
        if is_last:
            if place + 1 - begin >= least:
                yield spoken[begin], number
            begin = place + 1
