"""How alike two people's names are, over all their variants and in either order."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from apps.dicom.likeness import sound
from apps.practice.matching.levels import Level
from apps.practice.matching.nicknames import are_nicknames
from apps.practice.matching.person import Name
from apps.practice.matching.words import is_latin, is_same

Words = tuple[str, ...]
# Of shorter names one letter makes another name: Ian and Jan.
MIN_TOLERANT: Final = 4
_ALIKE: Final = 0.85
_VALUES: Final = {
    Level.EXACT: 6, Level.PARTIAL: 5, Level.NICKNAME: 5, Level.CLOSE: 4, Level.INITIAL: 3, Level.ALIKE: 2,
    Level.MISSING: 0, Level.DIFFERENT: -4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """The levels of the two names that are most alike, and what was compared (in the order of the alphabet)."""

    family: Level = Level.MISSING
    given: Level = Level.MISSING
    order: Level = Level.MISSING
    family_words: tuple[str, str] = ("", "")
    given_words: tuple[str, str] = ("", "")

    @property
    def value(self) -> int:
        """The higher, the more alike; names that changed places count a little less."""
        return _VALUES[self.family] + _VALUES[self.given] - (self.order is Level.SWAPPED)


def compare(a: tuple[Name, ...], b: tuple[Name, ...]) -> Compared:
    """Compare all variants of two people's names; those in different scripts say nothing of each other."""
    found = [each for one in a for other in b for each in (_straight(one, other), _swapped(one, other))]
    return max(found, key=_rank, default=Compared())


def _rank(compared: Compared) -> tuple[int, tuple[str, str], tuple[str, str], str]:
    """The value, and what else there is, so that among equals the same one is taken in either order."""
    return compared.value, compared.given_words, compared.family_words, compared.order


def _straight(a: Name, b: Name) -> Compared:
    return Compared(
        family=family_level(a.family, b.family),
        given=given_level(a.given, b.given),
        order=Level.STRAIGHT,
        family_words=_pair(a.family, b.family),
        given_words=_pair(a.given, b.given),
    )


def _swapped(a: Name, b: Name) -> Compared:
    crossed = ((a.family, b.given), (a.given, b.family))
    # The worse of the two is said of the given name, which decides more.
    better, worse = sorted(crossed, key=lambda pair: (-_VALUES[family_level(*pair)], _pair(*pair)))
    return Compared(
        family=family_level(*better),
        given=family_level(*worse),
        order=Level.SWAPPED,
        family_words=_pair(*better),
        given_words=_pair(*worse),
    )


def _pair(a: Words, b: Words) -> tuple[str, str]:
    first, second = sorted(("".join(a), "".join(b)))
    return first, second


@lru_cache(maxsize=16_384)
def family_level(a: Words, b: Words) -> Level:
    """How far two family names agree."""
    if not _are_comparable(a, b):
        return Level.MISSING
    # Jaro and Winkler's similarity isn't quite the same in both directions.
    joined, other = _pair(a, b)
    if is_same(joined, other):
        return Level.EXACT
    if is_close(joined, other):
        return Level.CLOSE
    if len(a) != len(b) and _longer(a) & _longer(b):
        return Level.PARTIAL
    return Level.ALIKE if JaroWinkler.similarity(joined, other) >= _ALIKE else Level.DIFFERENT


@lru_cache(maxsize=16_384)
def given_level(a: Words, b: Words) -> Level:
    """How far two people's given names agree. Jean-Paul and Jean-Pierre are different; Jean may be either."""
    if not _are_comparable(a, b):
        return Level.MISSING
    joined, other = _pair(a, b)
    if is_same(joined, other):
        return Level.EXACT
    if is_close(joined, other) or sorted(a) == sorted(b):
        return Level.CLOSE
    if len(a[0]) == 1 or len(b[0]) == 1:
        return Level.INITIAL if a[0][0] == b[0][0] else Level.DIFFERENT
    return _by_words(a, b) or (Level.ALIKE if JaroWinkler.similarity(joined, other) >= _ALIKE else Level.DIFFERENT)


def _by_words(a: Words, b: Words) -> Level | None:
    """The level by the first given names, where the further ones don't contradict."""
    if any(not _is_compatible(one, other) for one, other in zip(a[1:], b[1:], strict=False)):
        return Level.DIFFERENT
    if is_same(a[0], b[0]) or is_close(a[0], b[0]):
        return Level.PARTIAL
    return Level.NICKNAME if are_nicknames(a[0], b[0]) else None


def _is_compatible(a: str, b: str) -> bool:
    return is_same(a, b) or (min(len(a), len(b)) == 1 and a[0] == b[0]) or is_close(a, b)


def is_close(a: str, b: str) -> bool:
    """Whether two words differ by one letter (or two that changed places), or by spelling but not by sound."""
    if max(len(a), len(b)) < MIN_TOLERANT or min(len(a), len(b)) < MIN_TOLERANT - 1:
        return False
    distance = OSA.distance(a, b, score_cutoff=2)
    return distance <= 1 or (distance == 2 and sound(a) == sound(b) != "")


def _longer(name: Words) -> set[str]:
    """The words that tell people apart: not the van, de and al of names."""
    return {word for word in name if len(word) >= MIN_TOLERANT or not is_latin(word)}


def _are_comparable(a: Words, b: Words) -> bool:
    return bool(a and b) and is_latin(a[0]) == is_latin(b[0])
