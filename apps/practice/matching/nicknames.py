"""Given names and the short forms that people are called by, in the languages of the practices."""

from itertools import combinations
from pathlib import Path
from typing import Final

from apps.practice.matching.words import words

# Each line is one name with its short forms; a form may be of several names.
_GROUPS: Final = Path(__file__).with_name("nicknames.txt").read_text(encoding="utf-8")
_PAIRS: Final = frozenset(
    pair
    for line in _GROUPS.splitlines()
    for one, other in combinations([words(name)[0] for name in line.split()], 2)
    for pair in ((one, other), (other, one))
)


def are_nicknames(a: str, b: str) -> bool:
    """Whether one folded given name is a short form of the other, or both of a third."""
    return (a, b) in _PAIRS
