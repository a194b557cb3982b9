"""Checking passwords at a bounded cost, since each check takes half a second of a processor on purpose.

A password that was right is known again by a keyed hash, for as long as the stored hash stays the same; this never
leaves the process. What was wrong is counted in the database (lockout.py).
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from axes.backends import AxesBackend
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext

from apps.accounts import lockout
from apps.accounts.models import User
from apps.core.errors import TooManyAttempts
from apps.saying import say

# At most so many passwords are hashed at once in a process; its other threads serve those who are known.
AT_ONCE: Final = 2
MOST_REMEMBERED: Final = 4096
# Characters: what takes longer to hash than to guess is nobody's password.
LONGEST: Final = 128
BUSY: Final = say("Too many sign-ins are being checked at this moment. Try again in a moment.")

_key = secrets.token_bytes(32)
_lock = Lock()
_hashing = BoundedSemaphore(AT_ONCE)
_proofs: dict[int, bytes] = {}


class LongestValidator:
    """One of AUTH_PASSWORD_VALIDATORS: the bound that sign-in holds to as well."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if len(password) > LONGEST:
            raise ValidationError(
                gettext("This password is too long. Choose one of at most %(longest)s characters.")
                % {"longest": LONGEST}
            )

    def get_help_text(self) -> str:
        return gettext("At most %(longest)s characters.") % {"longest": LONGEST}


class BoundedBackend(AxesBackend):
    """Django's own, which every way to sign in by password goes through."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The active user with this password; None for none. Raises TooManyAttempts.

        Who is known gets in whatever others guess: a name can't be locked out of a program that uses it all day.
        """
        if username is None or password is None or "\0" in username:
            return None
        known = User.objects.filter(username=username).first()
        if known is not None and self.user_can_authenticate(known) and _is_proven(known, password):
            return known
        if request is not None:
            lockout.check(request, username)
        if len(password) > LONGEST:
            return None
        with _one_of_few():
            user = ModelBackend.authenticate(self, request, username=username, password=password, **kwargs)
        if not isinstance(user, User):
            return None
        _note_success(user, password)
        if request is not None:
            lockout.forgive(request, username)
        return user


def forget_all() -> None:
    """Forget what was right."""
    with _lock:
        _proofs.clear()


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _hashing.acquire(blocking=False):
        raise TooManyAttempts(BUSY)
    try:
        yield
    finally:
        _hashing.release()


def _proof(user: User, password: str) -> bytes:
    """Of the password together with the stored hash: a password that is changed has another."""
    return hashlib.blake2b(f"{user.password}\0{password}".encode(), key=_key, digest_size=32).digest()


def _is_proven(user: User, password: str) -> bool:
    known = _proofs.get(user.pk)
    return known is not None and secrets.compare_digest(known, _proof(user, password))


def _note_success(user: User, password: str) -> None:
    with _lock:
        if len(_proofs) >= MOST_REMEMBERED:
            _proofs.clear()
        _proofs[user.pk] = _proof(user, password)
