"""What follows from signing in, and from a changed password or second factor, in this process and in the session."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts import authentication, lockout
from apps.accounts.models import User
from apps.accounts.sessions import note_sign_in


@receiver(user_logged_in, dispatch_uid="fovea.day")
def _begin_day(request: HttpRequest, **_: Any) -> None:
    note_sign_in(request)


@receiver([password_changed, password_set, password_reset], dispatch_uid="fovea.chosen")
def _note_chosen_password(user: User, **_: Any) -> None:
    """The password is now the user's own, and who guessed at the old one keeps nobody out."""
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    lockout.forget(user.get_username())
    authentication.forget_all()


@receiver([user_logged_out, authenticator_added, authenticator_removed], dispatch_uid="fovea.forget")
def _forget(**_: Any) -> None:
    authentication.forget_all()
