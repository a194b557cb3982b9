"""Choosing the language of the pages: kept with the account of whoever is signed in, and in the browser."""

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.accounts import speaking
from apps.accounts.models import User
from apps.core.errors import Invalid
from apps.saying import say


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Speak `language` (a code of settings.LANGUAGES) from now on; empty for the one that the browser asks for.

    Leads back to `next`. Raises Invalid for a language that there is not.
    """
    language = request.POST.get("language", "")
    if language not in {"", *dict(settings.LANGUAGES)}:
        raise Invalid(say("There is no such language here."))
    response = HttpResponseRedirect(way_back(request))
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=language)
    if language:
        speaking.keep(response, language)
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


def way_back(request: HttpRequest) -> str:
    """Where the sender of a form wants to go on: on this site, else to their account."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("account")
