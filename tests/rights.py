"""Rights for tests: users who may do what a test is about, and nothing else."""

from typing import Any

from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import Permission


def role_of(practice: Practice, *permissions: Permission) -> Role:
    """A role of the practice with these permissions; with all of them where none is named."""
    names = sorted(permissions or Permission.values)
    name = " ".join(each[:4] for each in names)
    return Role.objects.get_or_create(practice=practice, name=name, defaults={"permissions": names})[0]


def give(user: User, practice: Practice, *permissions: Permission, **grant: Any) -> Grant:
    """Let the user do these things in the practice; everything where none is named."""
    return Grant.objects.create(user=user, practice=practice, role=role_of(practice, *permissions), **grant)
