"""Names as keys for matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dicom.names import fold, name_keys


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("MÜLLER", "muller"),
        ("Müller", "muller"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Ødegård", "odegard"),
        ("Łukasz", "lukasz"),
        ("İstanbul", "istanbul"),
        ("ISPARTA", "isparta"),
        ("ısparta", "isparta"),  # noqa: RUF001
        ("Æther Œuvre", "aether oeuvre"),
        ("Ğüneş", "gunes"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("Йорк", "иорк"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("山田", "山田"),
        ("ไทย", "ไทย"),
        ("홍", "홍"),
        ("  two\t words ", "two words"),
        ("", ""),
    ],
)
def test_fold(text: str, key: str) -> None:
    assert fold(text) == key


@given(st.text())
def test_fold_of_a_key_is_the_key(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ({"Alphabetic": "Doe^Jane^^"}, ("doe^jane", "", "")),
        ({"Alphabetic": " DOE ^ Jane ^"}, ("doe^jane", "", "")),
        ({"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}, ("yamada^tarou", "山田^太郎", "")),
        ({"Phonetic": "やまだ^たろう"}, ("", "", "やまだ^たろう")),
        ({"Alphabetic": "^Jane"}, ("^jane", "", "")),
        ({}, ("", "", "")),
    ],
)
def test_name_keys(name: dict[str, str], keys: tuple[str, str, str]) -> None:
    assert name_keys(name) == keys
