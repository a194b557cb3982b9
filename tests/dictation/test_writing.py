"""From what was heard to what is written: corrections, numbers before units, spoken signs, and pieces put together."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dictation.recognising.likeness import confidence, distance
from apps.dictation.recognising.numbers import number, with_numbers
from apps.dictation.recognising.pieces import Piece, PieceKind, joined, piece_of
from apps.dictation.recognising.utterances import stretches
from apps.dictation.recognising.writing import corrected, written


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ("five", "5"),
        ("twenty-three point five", "23.5"),
        ("a hundred", None),
        ("one hundred and five", "105"),
        ("two thousand three hundred", "2300"),
        ("zero point oh five", "0.05"),
        ("7", "7"),
        ("five six", None),
        ("fifty sixty", None),
        ("point five", None),
    ],
)
def test_numbers(said: str, figures: str | None) -> None:
    assert number(said) == figures


@given(st.integers(0, 999_999))
def test_every_number_is_read_as_it_is_said(value: int) -> None:
    assert number(_said(value)) == str(value)


def _said(value: int) -> str:
    units = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    words = [*units.split(), "seventeen", "eighteen", "nineteen"]
    if value >= 1000:
        rest = value % 1000
        return f"{_said(value // 1000)} thousand{f' {_said(rest)}' if rest else ''}"
    if value >= 100:
        rest = value % 100
        return f"{words[value // 100]} hundred{f' and {_said(rest)}' if rest else ''}"
    if value < 20:
        return words[value]
    tens = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")[value // 10 - 2]
    return f"{tens} {words[value % 10]}" if value % 10 else tens


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("a nodule of five millimetres", "a nodule of 5 mm"),
        ("five by six point two millimeters", "5 x 6.2 mm"),
        ("5 by 6 mm", "5 by 6 mm"),
        ("12 millimeter", "12 mm"),
        ("one of the two lobes", "one of the two lobes"),
        ("minus forty Hounsfield units", "minus 40 HU"),
        ("ninety degrees", "90°"),
        ("thirty per cent", "30 %"),
        ("five six millimetres", "five six millimetres"),
    ],
)
def test_numbers_before_units(said: str, text: str) -> None:
    assert with_numbers(said) == text


def test_corrections_are_of_whole_words_and_made_once() -> None:
    rows = [("plural", "pleural"), ("plural effusion", "pleural effusion"), ("a", "b"), ("b", "a"), ("", "x")]
    assert corrected("Plural effusion, a plurality, b.", "en", rows) == "pleural effusion, b plurality, a."
    assert corrected("胸腔鸡液很多", "zh-hans", [("鸡液", "积液")]) == "胸腔积液很多"
    assert corrected(r"x\1", "fr", [("x", r"\g<0>")]) == r"\g<0>\1"


def test_signs_are_written_in_english_alone() -> None:
    said = "Clear comma no mass full stop new line See above open bracket old close bracket."
    assert written(said, "en", []) == "Clear, no mass.\nSee above (old)"
    assert written("colon is normal full stop", "fr", []) == "colon is normal full stop"
    assert written("The colon is normal.", "en", []) == "The colon is normal."


def test_pieces_are_put_together_with_spaces_where_they_belong() -> None:
    assert joined(["The lungs", "are clear", ".", "\n", "Heart", "(", "old", ")", "", ":", "normal"]) == (
        "The lungs are clear.\nHeart (old): normal"
    )
    piece = Piece(PieceKind.PHRASE, "a", "b", "", 1.0, 2.0, 0.75)
    assert piece_of(piece.as_json()) == piece


def test_pauses_part_utterances_and_clicks_are_none() -> None:
    def frames(pattern: str) -> list[tuple[int, int]]:
        return list(stretches([each == "x" for each in _long(pattern)]))

    assert frames("x10 -10 x10") == [(0, 29)]
    assert frames("x10 -40 x10") == [(0, 9), (50, 59)]
    assert frames("-10 x2 -40 x5") == [(52, 56)]
    assert frames("-10") == []


def _long(pattern: str) -> str:
    return re.sub(r"(.)(\d+) ?", lambda match: match[1] * int(match[2]), pattern)


def test_like_phones_are_nearer() -> None:
    word = ("N", "EH", "K", "S", "T")
    assert distance(word, word) == 0
    assert distance(word, ("M", "EH", "K", "S", "D")) < distance(word, ("AA", "EH", "K", "S", "OW"))
    assert distance(word, []) == distance([], word) == pytest.approx(3.5)
    sure = confidence(0.0, word, word)
    assert sure > 0.5 > confidence(-0.003, word, ("AA", "OW", "B", "IY"))
    assert confidence(0.0, word, []) == 0.0
