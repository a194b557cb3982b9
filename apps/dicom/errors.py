"""What the reader says of an object that it can't or won't read."""

from typing import Final

# Failure reasons of a store (PS3.4 B.2.3, PS3.18 Annex I); STOW-RS and C-STORE answer with the same codes.
OUT_OF_RESOURCES: Final = 0xA700
NOT_OF_ITS_SOP_CLASS: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000


class Unreadable(ValueError):
    """The bytes are no DICOM object that the archive can keep.

    `reason` is a sentence for the person who sent it, without patient data; `failure_reason` is the code
    for the machine that did (PS3.4 B.2.3).
    """

    def __init__(self, reason: str, failure_reason: int = CANNOT_UNDERSTAND) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure_reason = failure_reason


class Truncated(Unreadable):
    """The bytes end before the object does."""


class LimitExceeded(Unreadable):
    """The object asks for more than the archive gives to one object."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, OUT_OF_RESOURCES)
