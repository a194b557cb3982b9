"""Commands, signs and names of phrases: recognised by pocketsphinx, with its bundled model of English.

A grammar can only hear what is in it. Whether that was said at all is told by a second look with any phones whatever:
where those fit much better, it was something else.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from apps.dictation.recognising import commands, spelling
from apps.dictation.recognising.likeness import confidence
from apps.dictation.recognising.pieces import Piece, PieceKind
from apps.dictation.recognising.sounds import RATE, Samples, samples
from apps.dictation.recognising.utterances import utterances

GRAMMAR: Final = "phrases"
PHONES: Final = "phones"
MOST_PHRASES: Final = 500
MOST_UTTERANCES: Final = 60
# Below it nothing is taken for heard.
SURE: Final = 0.5
_SILENCE: Final = frozenset({"SIL", "+NSN+", "+SPN+"})
# Nobody says a phrase's name for longer.
_LONGEST_SECONDS: Final = 12


@dataclass(frozen=True, slots=True)
class Heard:
    """What the recogniser makes of an utterance: words of the grammar, and how sure it is (0 to 1)."""

    words: str
    confidence: float


class Recogniser:
    """Hears one of these utterances, each of which is a number of words. It takes about 0.3 s of CPU to make one."""

    def __init__(self, spoken: Iterable[tuple[str, ...]]) -> None:
        from pocketsphinx import Decoder, get_model_path

        model = Path(get_model_path()) / "en-us"
        lines = sorted(set(spoken))
        self._ways = spelling.pronunciations((word for line in lines for word in line), model / "cmudict-en-us.dict")
        self._decoder = Decoder(
            hmm=str(model / "en-us"), lm=None, dict=None, loglevel="FATAL", cmn="batch", bestpath=False,
            beam=1e-100, wbeam=1e-80, pbeam=1e-100, maxhmmpf=-1, maxwpf=-1,
        )  # fmt: skip
        for word, ways in self._ways.items():
            for number, phones in enumerate(ways, 1):
                self._decoder.add_word(word if number == 1 else f"{word}({number})", phones, update=False)
        self._decoder.add_jsgf_string(GRAMMAR, _grammar(lines))
        self._decoder.add_allphone_file(PHONES, str(model / "en-us-phone.lm.bin"))

    def hear(self, sound: Samples) -> Heard | None:
        """What was said in one utterance, as far as it is one of these; None where nothing fits at all."""
        words = self._decoded(GRAMMAR, sound)
        phones = self._decoded(PHONES, sound)
        if words is None or phones is None:
            return None
        expected = [phone for word in words.parts for phone in self._phones(word)]
        said = [phone for phone in phones.parts if phone not in _SILENCE]
        return Heard(words.text, confidence(words.fit - phones.fit, expected, said))

    def _phones(self, word: str) -> list[str]:
        """Those of a word as it was said: `colon(2)` is the second way to say it. None of a silence."""
        name, _, number = word.removesuffix(")").partition("(")
        return self._ways[name][int(number or 1) - 1].split() if name in self._ways else []

    def _decoded(self, search: str, sound: Samples) -> "_Decoded | None":
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(sound.tobytes(), full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        if found is None or not found.hypstr or found.score <= 0:
            return None
        fit = math.log(found.score) / max(decoder.n_frames(), 1)
        return _Decoded(found.hypstr, tuple(segment.word for segment in decoder.seg()), fit)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """The best words; the same with the way in which each was said, and silences; how well they fit (natural logarithm,
    for a frame)."""

    text: str
    parts: tuple[str, ...]
    fit: float


def recognise(asked: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """In a process of its own: what was said in the sound at `asked["path"]`, of commands, signs and the `phrases`
    (name, text). Gives `pieces`. Raises Unanswerable as `samples` does."""
    sound = samples(Path(asked["path"]))
    spoken = utterances(sound)[:MOST_UTTERANCES]
    if not spoken:
        return {"pieces": []}
    meanings = meanings_of(asked["phrases"])
    recogniser = Recogniser(meanings)
    pieces = []
    for done, (start, end) in enumerate(spoken):
        tell(done, len(spoken))
        pieces.append(_piece(recogniser, meanings, sound[start:end], start / RATE).as_json())
    return {"pieces": pieces}


def meanings_of(phrases: Iterable[tuple[str, str]]) -> dict[tuple[str, ...], Piece]:
    """What each utterance stands for, by its words. Of phrases that sound alike the first counts; those whose names
    can't be said in English are left out."""
    found = {}
    for said, name in commands.COMMANDS.items():
        found[tuple(said.split())] = Piece(PieceKind.COMMAND, said, command=name)
    for said, text in commands.SIGNS.items():
        found[tuple(said.split())] = Piece(PieceKind.TEXT, said, text)
    for name, text in list(phrases)[:MOST_PHRASES]:
        if words := spelling.words_of(name):
            found.setdefault((commands.MACRO, *words), Piece(PieceKind.PHRASE, name, text))
    return found


def _piece(recogniser: Recogniser, meanings: Mapping[tuple[str, ...], Piece], sound: Samples, start: float) -> Piece:
    seconds = len(sound) / RATE
    end = start + seconds
    heard = recogniser.hear(sound) if seconds <= _LONGEST_SECONDS else None
    meaning = meanings.get(tuple(heard.words.split())) if heard else None
    sure = round(heard.confidence, 3) if heard else 0.0
    if meaning is None or sure < SURE:
        meaning = Piece(PieceKind.UNHEARD)
    return replace(meaning, start=round(start, 2), end=round(end, 2), confidence=sure)


def _grammar(lines: Iterable[tuple[str, ...]]) -> str:
    """The utterances as a grammar (JSGF 1.0); words are small letters and apostrophes alone (`spelling.words_of`)."""
    return f"#JSGF V1.0;\ngrammar phrases;\npublic <utterance> = {' | '.join(map(' '.join, lines))};\n"
