"""What people are called in DICOM objects (PN, PS3.5 6.2)."""

import pytest

from apps.accounts.models import User
from apps.accounts.names import person_name


@pytest.mark.parametrize(
    ("last", "first", "expected"),
    [
        ("Ray", "Xavier", "Ray^Xavier"),
        ("Ray", "", "Ray"),
        ("", "Xavier", "nora"),
        ("van^der=Ray", "X\\Y", "van der Ray^X Y"),
        ("R" * 80, "X", "R" * 64),
        ("R" * 63, "X", "R" * 63),
    ],
)
def test_a_user_as_a_person(last: str, first: str, expected: str) -> None:
    assert person_name(User(username="nora", last_name=last, first_name=first)) == expected
