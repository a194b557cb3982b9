"""What such a process says of what it can't answer; pure."""

from typing import Any


class Unanswerable(Exception):
    """The question has no answer with this input. `reason` is a word that the asker knows a sentence for, with `values`
    (numbers and words that are nobody's data)."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values
