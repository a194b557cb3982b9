"""Asking whoever signs a report once more who they are: each signature takes a proof of its own.

It is the password, counted where it is wrong as at each sign-in. Who signs in elsewhere and has none here proves it by
a sign-in of the last minutes, in a browser. A token alone signs nothing: a program has it, and no person.
"""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from apps.accounts import reauthentication
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.core.errors import Invalid, Refused
from apps.saying import say


def prove(who: Principal, user: User, password: str, request: HttpRequest | None) -> None:
    """Let only the user pass; `request` is the one at hand, None for who calls from within the server.

    Raises Invalid for another password, TooManyAttempts after too many of them, Refused for what proves nothing.
    """
    if who.user_id != user.pk or not user.is_active:
        raise Refused(say("Nobody signs in another's name."))
    if not user.has_usable_password():
        _prove_by_session(who, request)
    elif authenticate(request, username=user.get_username(), password=password) != user:
        raise Invalid(errors=[("password", say("This is not your password."))])


def _prove_by_session(who: Principal, request: HttpRequest | None) -> None:
    if request is None or who.via != reauthentication.BY_SESSION:
        raise Refused(say("You have no password here: sign reports in a browser, after signing in to it."))
    reauthentication.demand(request, who)
