"""What a new site needs before it can serve: tables, a practice, a superuser in it. Done again, it changes nothing."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from apps.accounts.models import Grant, Practice, Role, User
from apps.remotes.models import ApplicationEntity

FIRST_PRACTICE: Final = "My practice"
# Any number that nothing else locks by: several nodes may start on one PostgreSQL at the same moment.
ADVISORY_LOCK: Final = 0x464F564541


@dataclass(frozen=True, slots=True)
class FirstUser:
    """The superuser that was made now. `password` is empty where it was given and so is known."""

    username: str
    password: str


def initialise(username: str, password: str = "") -> FirstUser | None:
    """Bring the tables up to date; make the first practice and the first superuser where there are none.

    Returns the user that was made, with the password where it was made up; None when there was a superuser already.
    """
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with _alone():
        call_command("migrate", interactive=False, verbosity=0)
        practice = Practice.objects.order_by("pk").first() or Practice.objects.create(name=FIRST_PRACTICE)
        _first_title(practice)
        if User.objects.filter(is_superuser=True).exists():
            return None
        return _first_user(username, password, practice)


def _first_user(username: str, password: str, practice: Practice) -> FirstUser:
    made_up = "" if password else secrets.token_urlsafe(12)
    with transaction.atomic():
        user = User.objects.create_superuser(
            username, password=password or made_up, practice=practice, must_change_password=bool(made_up)
        )
        Grant.objects.create(user=user, practice=practice, role=Role.objects.get(practice=None, name="administrator"))
    return FirstUser(username, made_up)


def _first_title(practice: Practice) -> None:
    """By what devices call the first practice (FOVEA_AE_TITLE); other practices get theirs in the admin."""
    if not practice.application_entities.exists():
        ApplicationEntity.objects.get_or_create(title=settings.AE_TITLE, defaults={"practice": practice})


@contextmanager
def _alone() -> Iterator[None]:
    """One node at a time. SQLite has one node, and its own lock."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
