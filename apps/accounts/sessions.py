"""Sessions that end by themselves: when nobody used them for a while, and a working day after the sign-in.

A row's `expire_date` is the earlier of the two ends, so that Django itself finds no session that has ended, in both
stacks. What is in the session is not written to note its use: nothing that is written at the same moment gets lost.
"""

import time
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

SIGNED_IN_AT: Final = "fovea_signed_in_at"
# Use is noted this often at most.
NOTED_EVERY: Final = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Django's sessions in the database, with the two ends (SESSION_ENGINE)."""

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        self._note_use(row.expire_date, _end(data.get(SIGNED_IN_AT)))
        return data

    def get_expiry_age(self, **_: Any) -> int:
        return max(0, int((_end(self.get(SIGNED_IN_AT)) - timezone.now()).total_seconds()))

    def get_expiry_date(self, **_: Any) -> datetime:
        return _end(self.get(SIGNED_IN_AT))

    def _note_use(self, known_end: datetime, end: datetime) -> None:
        if end - known_end < NOTED_EVERY:
            return
        self.model.objects.filter(pk=self.session_key).update(expire_date=end)
        from allauth.usersessions.models import UserSession

        UserSession.objects.filter(session_key=self.session_key).update(last_seen_at=timezone.now())

    @classmethod
    def get_model_class(cls) -> Any:
        from django.contrib.sessions.models import Session

        return Session


def _end(signed_in_at: float | None) -> datetime:
    """When a session ends that is used now and never again."""
    idle_end = timezone.now() + timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    if signed_in_at is None:
        return idle_end
    return min(idle_end, datetime.fromtimestamp(signed_in_at, timezone.get_current_timezone()) + _longest())


def _longest() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def note_sign_in(request: Any) -> None:
    """Let the session's day begin."""
    request.session[SIGNED_IN_AT] = int(time.time())
