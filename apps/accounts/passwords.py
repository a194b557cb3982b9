"""Checking passwords at a bounded cost, since each check takes half a second of a processor on purpose.

A password that was right is known again by a keyed hash, for as long as the stored hash stays the same; one that was
wrong too often is not looked at for a while. Nothing of this leaves the process.
"""

import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.errors import TooManyAttempts

# So many wrong passwords for a name, from one address, within so many seconds.
MOST_FAILURES: Final = 10
FAILURES_COUNT_FOR: Final = 60.0
# At most so many passwords are hashed at once in a process; its other threads serve those who are known.
AT_ONCE: Final = 2
MOST_REMEMBERED: Final = 4096
BUSY: Final = "Too many sign-ins are being checked at this moment. Try again in a moment."
BARRED: Final = "There were too many wrong passwords for this name. Wait a minute, then try again."

_key = secrets.token_bytes(32)
_lock = Lock()
_hashing = BoundedSemaphore(AT_ONCE)
_proofs: dict[int, bytes] = {}
_failures: dict[bytes, list[float]] = {}


class BoundedBackend(ModelBackend):
    """Django's own, which every way to sign in by password goes through."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The active user with this password; None for none. Raises TooManyAttempts."""
        if username is None or password is None:
            return None
        known = User.objects.filter(username=username).first()
        if known is not None and self.user_can_authenticate(known) and _is_proven(known, password):
            return known
        attempt = _attempt(request, username)
        if _has_failed_often(attempt):
            raise TooManyAttempts(BARRED)
        with _one_of_few():
            user = super().authenticate(request, username=username, password=password, **kwargs)
        if not isinstance(user, User):
            _note_failure(attempt)
            return None
        _note_success(user, password, attempt)
        return user


def forget_all() -> None:
    """Forget what was right and what was wrong."""
    with _lock:
        _proofs.clear()
        _failures.clear()


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


def _note_success(user: User, password: str, attempt: bytes) -> None:
    with _lock:
        if len(_proofs) >= MOST_REMEMBERED:
            _proofs.clear()
        _proofs[user.pk] = _proof(user, password)
        _failures.pop(attempt, None)


def _attempt(request: HttpRequest | None, username: str) -> bytes:
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    return hashlib.blake2b(f"{address}\0{username}".encode(), digest_size=16).digest()


def _has_failed_often(attempt: bytes) -> bool:
    now = time.monotonic()
    return sum(at > now - FAILURES_COUNT_FOR for at in _failures.get(attempt, ())) >= MOST_FAILURES


def _note_failure(attempt: bytes) -> None:
    with _lock:
        if len(_failures) >= MOST_REMEMBERED:
            _failures.clear()
        _failures[attempt] = [*_failures.get(attempt, ()), time.monotonic()][-MOST_FAILURES:]
