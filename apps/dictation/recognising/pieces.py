"""What was heard, piece by piece, and the text that it comes to."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

# Written without a space before it, and without one after it.
_CLOSES: Final = re.compile(r"[\s.,:;?!)\]}%。,、;:?!)]")
_OPENS: Final = re.compile(r"[\s(\[{(]$")


class PieceKind(StrEnum):
    """What is to be done: text written, a command carried out, a phrase written; or nothing, where it was neither."""

    TEXT = "text"
    COMMAND = "command"
    PHRASE = "phrase"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that was said from `start` to `end` (seconds of the sound).

    `said` are the words that were recognised, `text` what is to be written, `command` what is to be done. `confidence`
    is from 0 to 1; below a half nothing is taken for heard.
    """

    kind: PieceKind
    said: str = ""
    text: str = ""
    command: str = ""
    start: float = 0.0
    end: float = 0.0
    confidence: float = 1.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def piece_of(data: dict[str, Any]) -> Piece:
    """The piece that `as_json` was made from. Raises TypeError and ValueError for anything else."""
    return Piece(**{**data, "kind": PieceKind(data["kind"])})


def joined(texts: Iterable[str]) -> str:
    """Texts as one, with a space between two of them where one belongs."""
    whole = ""
    for text in filter(None, texts):
        is_close = not whole or _CLOSES.match(text) or _OPENS.search(whole)
        whole += text if is_close else f" {text}"
    return whole
