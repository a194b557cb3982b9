"""Which words of person names are alike: by their beginning, by their sound, or but for one letter.

PS3.18 8.3.4.2 leaves the meaning of `fuzzymatching` to the server. Here a name is kept under keys of its words, and a
word is looked for under the keys of those that it is like, so that each is one look into an index.
"""

import re
from collections.abc import Iterator
from typing import Final

MAX_WORDS: Final = 8
MAX_WORD: Final = 24
# Shorter words sound like, and differ by one letter from, too many others.
MIN_TOLERANT: Final = 4

_BETWEEN_WORDS: Final = re.compile(r"[\s^=*?,.-]+")
_LATIN: Final = re.compile(r"[a-z']+")
_TWICE: Final = re.compile(r"(.)\1+")
# Spellings of one sound in the languages of Europe, the first that fits; what they give is only compared.
_SPELLINGS: Final = {
    **dict.fromkeys(("tsch", "tch", "cz"), "tx"),
    **dict.fromkeys(("sch", "sh", "tz", "ts", "z"), "s"),
    **dict.fromkeys(("ei", "ey", "ai", "ay"), "ai"),
    **dict.fromkeys(("ie", "ee", "y", "j"), "i"),
    **dict.fromkeys(("ch", "ck", "q", "c", "g", "x"), "k"),
    **dict.fromkeys(("ph", "pf", "v", "w"), "f"),
    **dict.fromkeys(("th", "dt", "d"), "t"),
    "ce": "se",
    "ci": "si",
    **{f"{vowel}e": vowel for vowel in "aou"},
    "ou": "u",
    "oo": "u",
    "b": "p",
    "h": "",
    "'": "",
}
_SPELLING: Final = re.compile("|".join(sorted(map(re.escape, _SPELLINGS), key=len, reverse=True)))


def words(name: str) -> list[str]:
    """The words of a folded name (`apps.dicom.names.fold`), in all its groups: 8 of up to 24 letters at the most."""
    return [word[:MAX_WORD] for word in _BETWEEN_WORDS.split(name) if word][:MAX_WORDS]


def keys(name: str) -> frozenset[str]:
    """The keys to keep a folded name under: about three for each letter and two for each word."""
    return frozenset(key for word in words(name) for key in _keys(word))


def beginning(word: str) -> str:
    """What the key of every word begins with that begins with this one."""
    return f"={word}"


def alike(word: str) -> frozenset[str]:
    """The keys of words that sound like this one, or that differ from it by one letter.

    The letter may be wrong, missing, too much or swapped with the next. None for words of less than four letters.
    """
    if len(word) < MIN_TOLERANT:
        return frozenset()
    shortened = list(_shortened(word))
    found = {f"-{word}", *(f"-{one}" for one in shortened), *(f"={one}" for one in shortened)}
    return frozenset(found | ({f"~{sounds}"} if (sounds := sound(word)) else set()))


def sound(word: str) -> str:
    """How a folded Latin word sounds, roughly: Meyer like Maier, Schmidt like Schmitt; empty for other scripts."""
    if not _LATIN.fullmatch(word):
        return ""
    spoken = _SPELLING.sub(lambda found: _SPELLINGS[found[0]], word)
    return _TWICE.sub(r"\1", spoken.removesuffix("e"))


def _keys(word: str) -> Iterator[str]:
    yield beginning(word)
    if len(word) < MIN_TOLERANT:
        return
    if sounds := sound(word):
        yield f"~{sounds}"
    yield from (f"-{one}" for one in _shortened(word))


def _shortened(word: str) -> Iterator[str]:
    """The word without each of its letters in turn."""
    return (word[:at] + word[at + 1 :] for at in range(len(word)))
