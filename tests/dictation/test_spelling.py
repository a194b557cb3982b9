"""How words are pronounced that a dictionary lacks, and which can be said at all."""

from itertools import product
from pathlib import Path

import pytest

from apps.dictation.recognising.spelling import MOST_WORDS, VOWELS, by_rule, pronunciations, words_of

PHONES = VOWELS | {
    *("B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V", "W"),
    *("Y", "Z", "ZH"),
}


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    file = tmp_path / "words.dict"
    file.write_text("chart CH AA R T\nread R EH D\nread(2) R IY D\nready R EH D IY\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Normal chest, 2 views", "normal chest two views"),
        ("L5/S1", "l five s one"),
        ("No 42", "no forty two"),
        ("Room 120", "room one two zero"),
        ("07", "zero seven"),
        ("Hounsfield's", "hounsfield's"),
        ("Don\N{RIGHT SINGLE QUOTATION MARK}t", "don't"),
        ("胸部", ""),
        ("Épaule", ""),
        ("—", ""),
    ],
)
def test_names_are_said_word_by_word(text: str, words: str) -> None:
    assert " ".join(words_of(text)) == words


def test_the_dictionary_is_asked_first(dictionary: Path) -> None:
    found = pronunciations(("read", "chart", "zzz"), dictionary)
    assert found["read"][:2] == ["R EH D", "R IY D"]
    assert found["chart"] == ["CH AA R T", "CH AA T"]
    assert found["zzz"] == ["Z IY Z IY Z IY"]


def test_only_so_many_words_are_looked_up(dictionary: Path) -> None:
    words = ("".join(letters) for letters in product("abcdefghijklm", repeat=3))
    assert len(pronunciations(words, dictionary)) == MOST_WORDS


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("sclerotic", "S K L ER AA T IH K"),
        ("bronchitis", "B R AA N K AY T AH S"),
        ("phalanx", "F AE L AE N K S"),
        ("tsh", "T IY EH S EY CH"),
        ("knee", "N IY"),
        ("bunny", "B AH N IY"),
    ],
)
def test_rules_of_spelling(word: str, phones: str) -> None:
    assert by_rule(word) == phones


def test_every_rule_gives_phones_of_the_model() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    for word in (f"{one}{two}{three}" for one in letters for two in letters for three in "aeiouyxt"):
        assert set(by_rule(word).split()) <= PHONES, word
