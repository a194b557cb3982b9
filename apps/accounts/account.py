"""The pages of one's own account: what there is to look after, and the practice one works in."""

from allauth.account.views import PasswordChangeView
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import authentication
from apps.accounts.forms import NewPasswordForm, PracticeForm
from apps.accounts.languages import way_back
from apps.accounts.models import User
from apps.core.errors import Refused
from apps.saying import say


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """My account."""
    user = _me(request)
    kinds = list(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    context = {
        "practices": user.practices,
        "has_app": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "sessions": UserSession.objects.filter(user=user).count(),
        "tokens": user.tokens.count(),
        "is_provider_used": bool(settings.OIDC_ISSUER),
    }
    return render(request, "account/account.html", context)


@require_POST
@login_required
def switch_practice(request: HttpRequest) -> HttpResponse:
    """Work in another of one's practices from now on. Raises Refused for one that isn't."""
    user = _me(request)
    form = PracticeForm(user, request.POST)
    if not form.is_valid():
        raise Refused(say("You don't belong to this practice."))
    user.practice = form.cleaned_data["practice"]
    user.save(update_fields=["practice"])
    authentication.forget_all()
    return HttpResponseRedirect(way_back(request))


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """What the administration shows to whom it does not let in: the one sign-in page, or why they may not."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
    if not isinstance(request.user, User):
        return redirect_to_login(wanted)
    if request.user.is_staff and request.user.is_active:
        return HttpResponseRedirect(reverse("admin:index"))
    return render(request, "account/not_for_you.html", status=403)


class ChangePasswordView(PasswordChangeView):
    """Django-allauth's, which leads on to where the user was going."""

    form_class = NewPasswordForm
