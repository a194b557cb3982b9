"""What a user has to do before anything else: choose a password of their own, set up a second factor."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from apps.accounts.models import User
from apps.saying import say

METHODS: Final = "account_authentication_methods"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What is in the way, in the user's words, and the name of the page that does away with it."""

    detail: str
    page: str


PASSWORD: Final = Obstacle(
    say("Your password was given to you: choose one of your own first. Sign in with a browser at /accounts/login/."),
    "account_change_password",
)
SECOND_FACTOR: Final = Obstacle(
    say(
        "This site asks for two-step verification, which you have not set up. Sign in with a browser at "
        "/accounts/login/."
    ),
    "mfa_index",
)


def obstacle(user: User, session: Any = None) -> Obstacle | None:
    """What keeps the user from everything else; `session` tells how they signed in, where it was by one."""
    if user.must_change_password and user.has_usable_password():
        return PASSWORD
    if needs_second_factor(user) and not _came_by_provider(session) and not has_second_factor(user):
        return SECOND_FACTOR
    return None


def needs_second_factor(user: User) -> bool:
    """Whether the site asks this user for one (FOVEA_REQUIRE_MFA)."""
    if settings.REQUIRE_MFA == "staff":
        return user.is_staff or user.is_superuser
    return bool(settings.REQUIRE_MFA == "everybody")


def has_second_factor(user: User) -> bool:
    """Whether the user has an authenticator app or a passkey; recovery codes alone are none."""
    from allauth.mfa.models import Authenticator

    kinds = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN
    return Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists()


def _came_by_provider(session: Any) -> bool:
    """Whether an identity provider signed them in, which asks for what the site wants it to ask for."""
    records = session.get(METHODS, []) if session is not None else []
    return any(record.get("method") == "socialaccount" for record in records)
