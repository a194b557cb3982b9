"""Free text by Vosk, with a model that lies in a folder of the site's own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from apps.analysis.apart.refusing import Unanswerable
from apps.dictation.recognising.pieces import Piece, PieceKind
from apps.dictation.recognising.sounds import RATE, Samples, samples

AT_ONCE: Final = RATE // 2


def recognise(asked: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """In a process of its own: the words of the sound at `asked["path"]`, by the model in the folder `asked["model"]`.
    Gives `pieces`. Raises Unanswerable as `samples` does, and `no model`."""
    sound = samples(Path(asked["path"]))
    return {"pieces": [piece.as_json() for piece in _pieces(_recogniser(Path(asked["model"])), sound, tell)]}


def _recogniser(folder: Path) -> Any:
    """Raises Unanswerable."""
    from vosk import KaldiRecognizer, Model, SetLogLevel

    if not folder.is_dir():
        raise Unanswerable("no model")
    SetLogLevel(-1)
    try:
        recogniser = KaldiRecognizer(Model(model_path=str(folder)), RATE)
    except Exception as error:  # it raises nothing more particular
        raise Unanswerable("no model") from error
    recogniser.SetWords(True)
    return recogniser


def _pieces(recogniser: Any, sound: Samples, tell: Callable[[int, int], None]) -> Iterator[Piece]:
    for start in range(0, len(sound), AT_ONCE):
        tell(start, len(sound))
        if recogniser.AcceptWaveform(sound[start : start + AT_ONCE].tobytes()):
            yield from _piece(recogniser.Result())
    yield from _piece(recogniser.FinalResult())


def _piece(answer: str) -> Iterator[Piece]:
    told = json.loads(answer)
    words = told.get("result", [])
    if not words:
        return
    sure = sum(word["conf"] for word in words) / len(words)
    start, end = words[0]["start"], words[-1]["end"]
    yield Piece(PieceKind.TEXT, told["text"], "", "", round(start, 2), round(end, 2), round(sure, 3))
