"""Escape sequences in fields (HL7 v2.9, 2.7)."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apps.hl7.v2.message import Delimiters

# Longer ones are no sequences, but text between two escape characters.
MOST_SEQUENCE: Final = 512
_HEX: Final = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")
# Formatting commands (2.7.6) that begin a line; the others stand for nothing that a line of text can show.
_LINES: Final = re.compile(r"\.(?:br|sp\d*|ce)")
_COMMAND: Final = re.compile(r"\.(?:in|ti|fi|nf|sk)[+-]?\d*")
# Highlighting, and changes of the character set (2.7.2, 2.7.4); sequences of the two parties' own (2.7.7).
_NOTHING: Final = re.compile(r"[HN]|[CM][0-9A-Fa-f]{4,6}|Z.*", re.DOTALL)


def unescaped(text: str, marks: "Delimiters", codec: str = "utf_8") -> str:
    """The text that is meant; what is no escape sequence stays as it is."""
    if not marks.escape or marks.escape not in text:
        return text
    return _pattern(marks.escape).sub(lambda found: _meant(found, marks, codec), text)


def escaped(text: str, marks: "Delimiters") -> str:
    """The text as a field may hold it; line ends become `.br`."""
    sequences = {mark: f"{marks.escape}{name}{marks.escape}" for name, mark in marks.named().items() if mark}
    plain = "".join(sequences.get(sign, sign) for sign in text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\n", f"{marks.escape}.br{marks.escape}" if marks.escape else " ")


@lru_cache(maxsize=64)
def _pattern(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}([^{mark}\r\n]{{1,{MOST_SEQUENCE}}}){mark}")


def _meant(found: re.Match[str], marks: "Delimiters", codec: str) -> str:
    sequence = found[1]
    if len(sequence) == 1 and sequence in marks.named():
        return marks.named()[sequence]
    if digits := _HEX.fullmatch(sequence):
        return bytes.fromhex(digits[1]).decode(codec, "replace")
    if _LINES.fullmatch(sequence):
        return "\n"
    if _COMMAND.fullmatch(sequence) or _NOTHING.fullmatch(sequence):
        return ""
    return found[0]
