"""Which words of names are alike: beginnings, sounds, one wrong letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.archive.models import NAME_KEY_LENGTH
from apps.dicom.likeness import MIN_TOLERANT, alike, beginning, keys, sound, words

LETTERS = "abeinst'ü山"
WORDS = st.text(LETTERS, min_size=MIN_TOLERANT, max_size=12)


def is_like(asked: str, name: str) -> bool:
    held = keys(name)
    return bool(held & alike(asked)) or any(key.startswith(beginning(asked)) for key in held)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("meyer", "maier"),
        ("schmidt", "schmitt"),
        ("schmidt", "smith"),
        ("mueller", "muller"),
        ("philippe", "filip"),
        ("catherine", "katherine"),
        ("gonzalez", "gonzales"),
        ("wagner", "vagner"),
        ("christoph", "kristof"),
        ("o'neil", "oneil"),
    ],
)
def test_spellings_of_one_sound_are_alike(one: str, other: str) -> None:
    assert is_like(one, other)
    assert is_like(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("meyer", "moore"), ("hansen", "jensen"), ("doe", "dow"), ("anna", "annika")]
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert not is_like(one, other)
    assert not is_like(other, one)


@given(WORDS, st.data())
def test_one_letter_wrong_missing_too_much_or_swapped_is_forgiven(name: str, data: st.DataObject) -> None:
    at, letter = data.draw(st.integers(0, len(name) - 1)), data.draw(st.sampled_from(LETTERS))
    before, after = name[:at], name[at + 1 :]
    swapped = before + after[:1] + name[at] + after[1:]
    for asked in (before + letter + after, before + after, before + letter + name[at:], swapped):
        assert len(asked) < MIN_TOLERANT or is_like(asked, name)


@given(st.text(max_size=300))
def test_keys_are_bounded(name: str) -> None:
    held = keys(name)
    assert len(held) <= len(words(name)) * 26
    assert all(len(key) <= NAME_KEY_LENGTH for key in held)


def test_only_latin_words_have_a_sound() -> None:
    assert (sound("山田"), sound("иванов"), sound("")) == ("", "", "")
