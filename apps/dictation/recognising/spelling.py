"""How English words are pronounced: by the recogniser's own dictionary, else by the rules of spelling.

Phones are those of the CMU dictionary (ARPABET without stress), which the bundled model knows.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from apps.dictation.recognising.numbers import TENS, UNITS

MOST_WORDS: Final = 2000
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_NUMBER: Final = re.compile(r"\d+")
VOWELS: Final = frozenset(("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"))

# Words of commands, and of reports, that the dictionary lacks and rules get wrong.
_OWN: Final = {
    "placeholder": "P L EY S HH OW L D ER", "semicolon": "S EH M IY K OW L AH N", "effusion": "AH F Y UW ZH AH N",
    "pleural": "P L UH R AH L", "osteophyte": "AA S T IY AH F AY T", "osteophytes": "AA S T IY AH F AY T S",
    "periapical": "P EH R IY EY P IH K AH L", "apical": "EY P IH K AH L", "periodontal": "P EH R IY AH D AA N T AH L",
    "periodontitis": "P EH R IY AH D AA N T AY T AH S", "cardiomegaly": "K AA R D IY OW M EH G AH L IY",
    "pneumothorax": "N UW M AH TH AO R AE K S", "atelectasis": "AE T AH L EH K T AH S AH S",
    "emphysema": "EH M F AH S IY M AH", "spondylosis": "S P AA N D AH L OW S AH S", "stenosis": "S T AH N OW S AH S",
    "panoramic": "P AE N ER AE M IH K", "cephalometric": "S EH F AH L OW M EH T R IH K", "hiatus": "HH AY EY T AH S",
    "hernia": "HH ER N IY AH", "hepatic": "HH AH P AE T IH K", "renal": "R IY N AH L", "biliary": "B IH L IY EH R IY",
    "steatosis": "S T IY AH T OW S AH S", "diverticulosis": "D AY V ER T IH K Y AH L OW S AH S",
    "lymphadenopathy": "L IH M F AE D AH N AA P AH TH IY", "aneurysm": "AE N Y ER IH Z AH M",
    "mammogram": "M AE M AH G R AE M", "mandible": "M AE N D AH B AH L", "maxilla": "M AE K S IH L AH",
    "meniscus": "M AH N IH S K AH S", "arthrosis": "AA R TH R OW S AH S", "osseous": "AA S IY AH S", "ct": "S IY T IY",
    "mri": "EH M AA R AY",
}  # fmt: skip

# Beginnings and ends of words, then letters, the longest first: which phones they stand for. Of what a rule can't know
# (stress, the words' origin) the most frequent.
_BEGINNINGS: Final = {"kn": "N", "gn": "N", "pn": "N", "ps": "S", "wr": "R", "x": "Z", "pt": "T", "mn": "N"}
_ENDINGS: Final = {
    "tion": "SH AH N", "sion": "ZH AH N", "ssion": "SH AH N", "cian": "SH AH N", "cious": "SH AH S", "tious": "SH AH S",
    "ture": "CH ER",  # codespell:ignore ture
    "sure": "ZH ER", "ology": "AA L AH JH IY", "itis": "AY T AH S", "osis": "OW S AH S",
    "oma": "OW M AH", "ia": "IY AH", "ium": "IY AH M", "ious": "IY AH S", "ous": "AH S", "al": "AH L", "le": "AH L",
    "ism": "IH Z AH M", "y": "IY", "es": "AH Z", "ed": "D", "er": "ER", "or": "ER", "ar": "ER", "a": "AH", "us": "AH S",
    "ine": "AY N",  # codespell:ignore ine
    "age": "IH JH", "ic": "IH K", "ate": "EY T", "ize": "AY Z", "ise": "AY Z", "e": "",
}  # fmt: skip
_LETTERS: Final = {
    "augh": "AO", "ough": "AO", "eigh": "EY", "igh": "AY", "tch": "CH", "dge": "JH", "sch": "S K",
    "th": "TH", "ch": "K", "sh": "SH", "ph": "F", "gh": "G", "ck": "K", "qu": "K W", "ng": "NG", "rh": "R", "wh": "W",
    "cc": "K S",
    "sce": "S EH", "sci": "S IH", "scy": "S AY", "sc": "S K", "xc": "K S", "ce": "S EH", "ci": "S IH", "cy": "S AY",
    "ge": "JH EH", "gi": "JH IH",
    "gy": "JH AY", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "oi": "OY", "oy": "OY", "ai": "EY",
    "ay": "EY", "au": "AO", "aw": "AO", "ei": "AY", "ey": "IY", "ie": "IY", "oa": "OW", "oe": "IY", "ae": "IY",
    "ue": "UW", "eu": "UW", "ew": "UW", "ar": "AA R", "er": "ER", "ir": "ER", "or": "AO R", "ur": "ER", "yr": "IH R",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH", "k": "K",
    "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V",
    "w": "W", "x": "K S", "y": "IH", "z": "Z",
}  # fmt: skip
_LONGEST: Final = max(map(len, _LETTERS))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name as they are said: small letters, numbers up to 99 as words, larger ones digit by digit.

    Empty for what has a letter that English doesn't: it can't be said here.
    """
    plain = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if any(each.isalpha() and not each.isascii() for each in plain):
        return ()
    spoken = _NUMBER.sub(lambda match: f" {_number(match[0])} ", plain)
    return tuple(_WORD.findall(spoken))


def pronunciations(words: Iterable[str], dictionary: Path) -> dict[str, list[str]]:
    """How these words are pronounced, each in one way at least: by `dictionary` (CMU's), else by rules; and as they are
    in British English. At most MOST_WORDS of them."""
    wanted = list(dict.fromkeys(words))[:MOST_WORDS]
    known = _looked_up(frozenset(wanted), dictionary)
    ways = {word: known.get(word) or [_OWN.get(word) or by_rule(word)] for word in wanted}
    return {word: list(dict.fromkeys(_with_british(each))) for word, each in ways.items()}


def _looked_up(words: frozenset[str], dictionary: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with dictionary.open(encoding="utf-8") as lines:
        for line in lines:
            head, _, phones = line.strip().partition(" ")
            word = head.partition("(")[0]
            if word in words:
                found.setdefault(word, []).append(phones)
    return found


def by_rule(word: str) -> str:
    """The phones of a word that no dictionary has, by its letters; one without vowels is said letter by letter."""
    letters = word.replace("'", "")
    if not re.search("[aeiouy]", letters):
        return " ".join(_NAMES[letter] for letter in letters)
    beginning = next((each for each in _BEGINNINGS if letters.startswith(each) and len(letters) > 3), "")
    rest = letters.removeprefix(beginning)
    ending = next((each for each in sorted(_ENDINGS, key=len, reverse=True) if _ends(rest, each)), "")
    middle = " ".join(_by_letters(rest.removesuffix(ending)))
    return " ".join(filter(None, (_BEGINNINGS.get(beginning), middle, _ENDINGS.get(ending))))


def _ends(letters: str, ending: str) -> bool:
    rest = letters.removesuffix(ending)
    is_silent = ending != "e" or rest[-1:] not in "aeiouy"
    return letters.endswith(ending) and is_silent and bool(re.search("[aeiouy]", rest))


def _by_letters(letters: str) -> Iterator[str]:
    place = 0
    while place < len(letters):
        size = next(size for size in range(_LONGEST, 0, -1) if letters[place : place + size] in _LETTERS)
        taken = letters[place : place + size]
        yield _LETTERS[taken]
        # A doubled consonant is said once.
        is_double = size == 1 and letters[place + 1 : place + 2] == taken and taken not in "aeiou"
        place += size + is_double


def _with_british(ways: Iterable[str]) -> Iterator[str]:
    """Each way, and the same as it is said where an R is heard before vowels alone and "comma" has a rounded O; and
    with an open A."""
    for way in ways:
        yield way
        yield (british := _british(way.split()))
        yield british.replace("AE", "AA")


def _british(phones: list[str]) -> str:
    said: list[str] = []
    for phone, after in zip(phones, [*phones[1:], ""], strict=True):
        if phone == "R" and after not in VOWELS:
            continue
        if phone == "ER":
            said += ["AH", "R"] if after in VOWELS else ["AH"]
        elif phone == "AA" and after != "R":
            said.append("AO")
        else:
            said.append(phone)
    return " ".join(said)


def _number(digits: str) -> str:
    value = int(digits) if len(digits) < 3 else -1
    if value < 0 or digits != str(value):
        return " ".join(UNITS[int(digit)] for digit in digits)
    if value < len(UNITS):
        return UNITS[value]
    return f"{TENS[value // 10 - 2]} {UNITS[value % 10] if value % 10 else ''}"


_NAMES: Final = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            "EY", "B IY", "S IY", "D IY", "IY", "EH F", "JH IY", "EY CH", "AY", "JH EY", "K EY", "EH L", "EH M",
            "EH N", "OW", "P IY", "K Y UW", "AA R", "EH S", "T IY", "Y UW", "V IY", "D AH B AH L Y UW", "EH K S",
            "W AY", "Z IY",
        ),
        strict=True,
    )
)  # fmt: skip
