"""What a reader tolerates, and says so: each thing once, without patient data."""

from typing import Final

DISORDER: Final = "elements out of order"
DUPLICATE: Final = "an element given twice; the last one counts"
MISFIT: Final = "a value whose length does not fit its VR"
GARBAGE: Final = "bytes after the end of the data set"
BAD_VR: Final = "an element with an invalid VR"
DELIMITER: Final = "a delimiter where none belongs"
OVERLONG: Final = "pixel data that says it is longer than the file"
OVERLONG_ITEM: Final = "an item that says it is longer than its sequence"
UNCLOSED: Final = "compressed pixel data without its end"
UNSEQUENCED: Final = "a value of unknown VR that looks like a sequence, but is none"


class Warnings:
    """The distinct warnings of one object, in the order in which they came up."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Note `text`, once."""
        self._texts[text] = None

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def texts(self) -> tuple[str, ...]:
        """Return what was noted."""
        return tuple(self._texts)
