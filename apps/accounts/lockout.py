"""Who has guessed too often, counted in the database (django-axes), so that all processes and nodes agree.

Names that nobody has are counted like those that somebody has: a lockout tells nothing of who exists.
"""

import ipaddress
from datetime import datetime, timedelta
from typing import Any, Final

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.db.models import F, Q, Sum
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import TooManyAttempts
from apps.core.requests import address_of
from apps.saying import say_count

# So many failures within settings.LOCKOUT_MINUTES: for a name from one address; from one address, whatever the names;
# for a name, wherever they come from (NIST SP 800-63B 5.2.2 has 100 at most).
MOST_FAILURES: Final = 10
MOST_FROM_ADDRESS: Final = 50
MOST_FOR_NAME: Final = 100
# Stands for the name where a token was presented.
BEARER: Final = "(token)"
MOST_NAME: Final = 150

Credentials = dict[str, Any]


def check(request: HttpRequest, name: str) -> None:
    """Raises TooManyAttempts for a name and an address that have failed too often."""
    if AxesProxyHandler.is_locked(request, {"username": name}):
        raise TooManyAttempts(barred())


def barred() -> str:
    """What somebody reads who failed too often."""
    return say_count(
        "There were too many wrong attempts to sign in. Wait a minute, then try again; an administrator can let you in "
        "sooner.",
        "There were too many wrong attempts to sign in. Wait {count} minutes, then try again; an administrator can let "
        "you in sooner.",
        settings.LOCKOUT_MINUTES,
    )


def address(request: HttpRequest) -> str | None:
    """The caller's address as the database takes it; None for none that is one."""
    try:
        return str(ipaddress.ip_address(address_of(request).partition("%")[0]))
    except ValueError:
        return None


def name_of(request: HttpRequest, credentials: Credentials | None) -> str:
    """The name that an attempt counts for, in a form that every database takes."""
    return str((credentials or {}).get("username") or "").replace("\0", "")[:MOST_NAME]


def forgive(request: HttpRequest, name: str) -> None:
    """Forget what failed for the name from the caller's address: they know the password."""
    AccessAttempt.objects.filter(username=name, ip_address=address(request)).delete()


def forget(name: str) -> None:
    """Let this name in again from everywhere."""
    AccessAttempt.objects.filter(username=name).delete()


class Handler(AbstractAxesHandler, AxesBaseHandler):
    """What django-axes calls: one row for each name and address, none of what else was sent."""

    def is_locked(self, request: HttpRequest, credentials: Credentials | None = None) -> bool:
        name, where = name_of(request, credentials), address(request)
        by_name, by_address = Q(username=name), Q(ip_address=where)
        recent = AccessAttempt.objects.filter(by_name | by_address, attempt_time__gt=since())
        failures = recent.aggregate(
            both=Sum("failures_since_start", filter=by_name & by_address),
            address=Sum("failures_since_start", filter=by_address),
            name=Sum("failures_since_start", filter=by_name),
        )
        limits = {"both": MOST_FAILURES, "address": MOST_FROM_ADDRESS, "name": MOST_FOR_NAME}
        return any((failures[kind] or 0) >= limit for kind, limit in limits.items())

    def get_failures(self, request: HttpRequest, credentials: Credentials | None = None) -> int:
        rows = AccessAttempt.objects.filter(username=name_of(request, credentials), ip_address=address(request))
        return sum(rows.filter(attempt_time__gt=since()).values_list("failures_since_start", flat=True))

    def user_login_failed(
        self, sender: Any, credentials: Credentials, request: HttpRequest | None = None, **_: Any
    ) -> None:
        """Count a failure, and tell when it was the last that was allowed."""
        if request is None:
            return
        name, where = name_of(request, credentials), address(request)
        AccessAttempt.objects.filter(attempt_time__lte=since()).delete()
        row, is_new = AccessAttempt.objects.get_or_create(
            username=name, ip_address=where, user_agent="", defaults={"failures_since_start": 1}
        )
        if not is_new:
            again = F("failures_since_start") + 1
            AccessAttempt.objects.filter(pk=row.pk).update(failures_since_start=again, attempt_time=timezone.now())
        if self.is_locked(request, {"username": name}):
            user_locked_out.send("axes", request=request, username=name, ip_address=where)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
        """Who is in has not been guessing from here."""
        forgive(request, user.get_username())

    def user_logged_out(self, sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
        """Nothing is counted here."""

    def post_save_access_attempt(self, instance: AccessAttempt, **_: Any) -> None:
        """Nothing follows from it."""

    def post_delete_access_attempt(self, instance: AccessAttempt, **_: Any) -> None:
        """Nothing follows from it."""

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """For `manage.py axes_reset…`: forget the failures of an address, of a name, or all."""
        asked = {"ip_address": ip_address, "username": username}
        conditions = [Q((field, value)) for field, value in asked.items() if value]
        chosen = Q(*conditions, _connector=Q.OR if ip_or_username else Q.AND)
        return AccessAttempt.objects.filter(chosen).delete()[0]


def since() -> datetime:
    """Failures before this moment count no more."""
    return timezone.now() - timedelta(minutes=settings.LOCKOUT_MINUTES)
