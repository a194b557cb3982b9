"""Letting somebody in again who has lost the phone and the recovery codes: an action on the list of users."""

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from apps.accounts import reauthentication
from apps.accounts.models import User


@action(description=_("Take the second step off: make sure first who asks for it"), permissions=["change"])
def take_second_step_off(_: object, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
    """Remove the chosen users' apps, passkeys and recovery codes; they sign in by password and can set them up anew."""
    if way := reauthentication.ask(request):
        return way
    removed = list(Authenticator.objects.filter(user__in=users).select_related("user"))
    for authenticator in removed:
        authenticator.delete()
        authenticator_removed.send(
            sender=Authenticator, request=request, user=authenticator.user, authenticator=authenticator
        )
    people = len({authenticator.user_id for authenticator in removed})
    done = ngettext(
        "Taken off for %(count)d of those you chose.", "Taken off for %(count)d of those you chose.", people
    )
    messages.success(request, done % {"count": people})
    return None
