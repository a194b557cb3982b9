"""What people are called in DICOM objects."""

from typing import Final

from apps.accounts.models import User

# Of each group of a name (PS3.5 6.2).
LONGEST: Final = 64
_NOT_IN_A_NAME: Final = str.maketrans("^=\\", "   ")


def person_name(user: User) -> str:
    """As a value of PN: family name and given name, or what they sign in with where nobody has said more."""
    parts = (user.last_name, user.first_name) if user.last_name else (user.get_username(),)
    return "^".join(part.translate(_NOT_IN_A_NAME).strip() for part in parts)[:LONGEST].rstrip("^ ")
