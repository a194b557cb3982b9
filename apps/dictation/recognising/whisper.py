"""Free text by Whisper (faster-whisper), with a model that lies in a folder of the site's own."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from apps.analysis.apart.refusing import Unanswerable
from apps.dictation.recognising.pieces import Piece, PieceKind
from apps.dictation.recognising.sounds import samples

FULL_SCALE: Final = 32768.0
# As Whisper names languages; the site's Chinese is Mandarin.
_LANGUAGES: Final = {"zh-hans": "zh"}


def recognise(asked: dict[str, Any], tell: Callable[[int, int], None]) -> dict[str, Any]:
    """In a process of its own: the words of the sound at `asked["path"]` in `asked["language"]`, by the model in the
    folder `asked["model"]`. Gives `pieces`. Raises Unanswerable as `samples` does, and `no model`."""
    sound = samples(Path(asked["path"]))
    model = _model(Path(asked["model"]))
    language = _LANGUAGES.get(asked["language"], asked["language"])
    segments, info = model.transcribe(sound.astype("float32") / FULL_SCALE, language=language, vad_filter=False)
    pieces = []
    for segment in segments:
        tell(round(segment.end), round(info.duration))
        pieces.append(_piece(segment).as_json())
    return {"pieces": pieces}


def _model(folder: Path) -> Any:
    """Raises Unanswerable: nothing is ever fetched in its place, so that a folder without a model is an error here."""
    from faster_whisper import WhisperModel

    if not folder.is_dir():
        raise Unanswerable("no model")
    try:
        return WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise Unanswerable("no model") from error


def _piece(segment: Any) -> Piece:
    sure = round(math.exp(min(segment.avg_logprob, 0.0)), 3)
    return Piece(PieceKind.TEXT, segment.text.strip(), "", "", round(segment.start, 2), round(segment.end, 2), sure)
