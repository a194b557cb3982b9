"""Bearer tokens in the admin: made, shown once, renewed and revoked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts import people, tokens
from apps.accounts.admin.deciding import DecidingAdmin
from apps.accounts.admin.permission_fields import FIELDS, PermissionsForm
from apps.accounts.guards import Guard, Open
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import required
from apps.accounts.scoped_admin import guarded, principal

FOREVER: Final = ""
LIVES: Final = (
    ("7", _("a week")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("a year")),
    (FOREVER, _("ever, until revoked")),
)


class TokenForm(PermissionsForm):
    """A token of one's own, or, for superusers, of anybody's."""

    good_for = forms.ChoiceField(
        label=_("Good for"), choices=LIVES, initial="90", required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Token
        fields = ("name", "user", "practice")
        help_texts = {"name": _("What uses it, such as the practice-management system. Each has a token of its own.")}

    def wanted(self) -> tokens.Wanted:
        """What was asked for."""
        days = self.cleaned_data["good_for"]
        ends = timezone.now() + timedelta(days=int(days)) if days else None
        permissions = self.chosen()
        return tokens.Wanted(self.cleaned_data["name"], ends, self.cleaned_data["practice"], permissions)


@admin.register(Token)
class TokenAdmin(DecidingAdmin):
    """One's own tokens; a superuser sees, makes and revokes everybody's."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "add", "delete"), Open.TO_USERS)
    form = TokenForm
    list_display = ("name", "user", "hint_of", "what", "practice", "ends", "used", "state")
    list_select_related = ("user", "practice")
    search_fields = ("name", "user__username", "hint")
    change_form_outer_before_template = "admin/accounts/token_before.html"
    actions = None
    fieldsets = (
        (None, {"fields": (("name", "user"), ("practice", "good_for"))}),
        (_("What it may do, of what its user may"), {"fields": FIELDS}),
    )
    shown = (
        (
            None,
            {"fields": (("name", "user", "practice"), ("hint", "created_at", "expires_at", "last_used_at"), "listed")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Token]:
        rows: QuerySet[Token] = super().get_queryset(request)
        who = principal(request)
        return rows if people.decides_on_all(who) else rows.filter(user=who.user_id)

    @display(description=_("Begins with"))
    def hint_of(self, token: Token) -> str:
        return f"{token.hint}…"

    @display(description=pgettext_lazy("permission", "May"))
    def what(self, token: Token) -> str:
        count = len(token.permitted)
        risky = [each.value for each in (Permission.DELETE, Permission.ADMINISTER) if each in token.permitted]
        facts = {"count": count, "most": len(Permission), "risky": " · ".join(risky)}
        words = gettext("%(count)d of %(most)d, also %(risky)s") if risky else gettext("%(count)d of %(most)d")
        return words % facts

    @display(description=pgettext_lazy("permission", "May"))
    def listed(self, token: Token) -> SafeString:
        words = ((each.label,) for each in Permission if each in token.permitted)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", words))

    @display(description=_("Ends"), ordering="expires_at")
    def ends(self, token: Token) -> str:
        return _moment(token.expires_at, "SHORT_DATE_FORMAT")

    @display(description=_("Last used"), ordering="last_used_at")
    def used(self, token: Token) -> str:
        return _moment(token.last_used_at, "SHORT_DATETIME_FORMAT")

    @display(description=_("State"), label={"current": "success", "expired": "warning"})
    def state(self, token: Token) -> tuple[str, str]:
        if token.is_current():
            return "current", pgettext("token", "Current")
        return "expired", pgettext("token", "Expired")

    def get_fieldsets(self, request: HttpRequest, obj: Token | None = None) -> Any:
        return self.shown if obj else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Token | None = None) -> Any:
        return ("listed", "hint", "created_at", "expires_at", "last_used_at") if obj else ()

    def get_form(self, request: HttpRequest, obj: Token | None = None, **kwargs: Any) -> Any:
        if obj:
            return super().get_form(request, obj, **{**kwargs, "form": forms.ModelForm, "fields": ()})
        made = super().get_form(request, obj, **{**kwargs, "fields": TokenForm.Meta.fields})
        who = principal(request)
        active = User.objects.filter(is_active=True)
        made.base_fields["user"].queryset = active if people.decides_on_all(who) else active.filter(pk=who.user_id)
        made.base_fields["user"].initial = who.user_id
        own = Practice.objects.filter(pk__in=who.practice_ids)
        made.base_fields["practice"].queryset = Practice.objects.all() if people.decides_on_all(who) else own
        return made

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"permissions": tokens.default_permissions(principal(request))}

    def save_model(self, request: HttpRequest, obj: Token, form: TokenForm, change: bool) -> None:
        token, secret = tokens.issue(principal(request), obj.user, form.wanted())
        obj.pk, obj.hint, obj.expires_at = token.pk, token.hint, token.expires_at
        request.issued_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Token, post_url_continue: str | None = None) -> HttpResponse:
        return self._shown_once(request, obj, request.issued_secret)  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Token) -> None:
        tokens.revoke(principal(request), obj)

    def get_urls(self) -> list[URLPattern]:
        view: Any = self.rotate_view
        rotate: Any = self.admin_site.admin_view(required(view))
        rotate.guards = view.guards
        return [path("<int:pk>/rotate/", rotate, name="accounts_token_rotate"), *super().get_urls()]

    @guarded({"POST": Open.TO_USERS})
    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the token a new secret; the old one is worth nothing from then on."""
        token = self.get_queryset(request).filter(pk=pk).first()
        if token is None:
            raise Http404
        return self._shown_once(request, token, tokens.rotate(principal(request), token))

    def _shown_once(self, request: HttpRequest, token: Token, secret: str) -> HttpResponse:
        """The secret in the page itself: a message would keep it in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Copy this token"),
            "token": token,
            "secret": secret,
            "list_url": reverse("admin:accounts_token_changelist"),
        }
        response = TemplateResponse(request, "admin/accounts/token_issued.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _moment(moment: datetime | None, form: str) -> str:
    return date_format(localtime(moment), form) if moment else pgettext("time", "never")
