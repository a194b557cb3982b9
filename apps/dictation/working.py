"""Listening to a dictation, in a worker: the recogniser is asked, and what it hears is written down."""

from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise

from apps.analysis.apart.asking import answer
from apps.analysis.apart.refusing import Unanswerable
from apps.dictation import correcting, engines, files, phrases, speech_server
from apps.dictation.engines import Engine
from apps.dictation.models import Dictation, State
from apps.dictation.recognising.pieces import Piece, PieceKind, joined, piece_of
from apps.dictation.recognising.writing import written
from apps.jobs.handle import JobHandle
from apps.saying import say

# Seconds without a word before the process is taken for dead; a large model is silent while it is read.
SILENT: Final = 120.0
SMALL: Final = 1 << 30
# Neither name is ever looked for in the network: models are folders of the site's own.
OFFLINE: Final = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
_WHERE: Final = "apps.dictation.recognising"
_WORDS: Final[dict[str, Any]] = {
    "no sound": lambda **_: say("The sound can't be read. Record it again."),
    "too long": lambda seconds, **_: say("A dictation lasts at most {seconds} seconds.", seconds=seconds),
    "no model": lambda **_: say("The recogniser's model can't be loaded. Whoever runs the server is to look at it."),
}


def run(handle: JobHandle, pk: int) -> dict[str, int]:
    """Listen to it, and forget the sound. Gives how many pieces were heard."""
    row = Dictation.objects.filter(pk=pk, state=State.WAITING).first()
    if row is None or not files.path_of(row.file).is_file():
        return {"pieces": 0}
    try:
        pieces = _heard(row, handle)
    except (Unanswerable, speech_server.NotHeard) as why:
        _settle(row, State.FAILED, error=_said(why))
        return {"pieces": 0}
    text = joined(piece.text for piece in pieces)
    _settle(row, State.DONE, text=text, pieces=[piece.as_json() for piece in pieces])
    return {"pieces": len(pieces)}


def _settle(row: Dictation, state: State, **columns: Any) -> None:
    Dictation.objects.filter(pk=row.pk, state=State.WAITING).update(state=state, file="", **columns)
    files.discard(row.file)


def _said(why: Exception) -> str | Promise:
    return _WORDS[why.reason](**why.values) if isinstance(why, Unanswerable) else str(why)


def _heard(row: Dictation, handle: JobHandle) -> list[Piece]:
    if row.engine == Engine.POCKETSPHINX:
        return _phrases(row, handle)
    heard = speech_server.heard(row) if row.engine == Engine.SERVER else _free(row, handle)
    corrections = correcting.corrections_of(row.practice_id, row.language)
    return [_corrected(piece, row.language, corrections) for piece in heard]


def _phrases(row: Dictation, handle: JobHandle) -> list[Piece]:
    known = phrases.phrases_of(row.user_id, row.practice_id, row.language)
    asked = {"path": str(files.path_of(row.file)), "phrases": [(each.name, each.text) for each in known]}
    return _asked("phrases", asked, handle, SMALL)


def _free(row: Dictation, handle: JobHandle) -> list[Piece]:
    model = settings.DICTATION_WHISPER if row.engine == Engine.WHISPER else engines.vosk_folder(row.language)
    asked = {"path": str(files.path_of(row.file)), "model": str(model), "language": row.language}
    return _asked(str(row.engine), asked, handle, settings.DICTATION_MEMORY_BYTES)


def _asked(module: str, asked: dict[str, Any], handle: JobHandle, memory: int) -> list[Piece]:
    found = answer(
        f"{_WHERE}.{module}:recognise", asked, lambda *_: handle.check(), memory=memory, silence=SILENT,
        environment=OFFLINE,
    )  # fmt: skip
    return [piece_of(each) for each in found["pieces"]]


def _corrected(piece: Piece, language: str, corrections: list[tuple[str, str]]) -> Piece:
    text = written(piece.said, language, corrections)
    return Piece(PieceKind.TEXT, piece.said, text, "", piece.start, piece.end, piece.confidence)
