"""The check between a UID from outside and a path or a query."""

import pytest

from apps.dicom.uids import is_strict_uid, is_valid_uid


@pytest.mark.parametrize("uid", ["1", "1.2.840.10008.1.1", "2.25." + "9" * 39, "1" * 64])
def test_uids(uid: str) -> None:
    assert is_valid_uid(uid)
    assert is_strict_uid(uid)


@pytest.mark.parametrize("uid", ["1.02.3", "00", "1.2.00"])
def test_leading_zeros_are_valid_but_not_strict(uid: str) -> None:
    assert is_valid_uid(uid)
    assert not is_strict_uid(uid)


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "../1", "1..2", ".1", "1.", "1.2 ", " 1.2", "1.2\n", "1/2", "1\\2", "1.2\0", "a", "1.٣", "1" * 65],
)
def test_anything_else_is_no_uid(text: str) -> None:
    assert not is_valid_uid(text)
    assert not is_strict_uid(text)
