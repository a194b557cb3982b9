"""Keys for sections and fields from the ids that a file gives them: as they are where they can be, made else."""

import re
from typing import Final

from apps.reports.mrrt import limits

_OTHER: Final = re.compile(r"[^A-Za-z0-9_-]+")


class Keys:
    """The keys that are given: each once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def key(self, *wanted: str, kind: str) -> str:
        """The first of what is wanted that has a letter or digit of a key's, else `kind`; with a number where another
        has it already."""
        plain = (_OTHER.sub("-", each).strip("-")[: limits.KEY - 6] if _OTHER.search(each) else each for each in wanted)
        base = next((each[: limits.KEY] for each in plain if each), kind)
        found, number = base, 1
        while found in self._given:
            number += 1
            found = f"{base[: limits.KEY - 6]}-{number}"
        self._given.add(found)
        return found
