"""Users in the admin: their accounts, and what each may do where."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin as PlainModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.db.models import Field, Model, Prefetch, QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts import granting, people
from apps.accounts.admin.deciding import DecidingAdmin
from apps.accounts.admin.grants import OwnPracticeFilter, RoleFilter, state_of
from apps.accounts.events import Change, Kind, tell
from apps.accounts.forms import GivenPasswordForm, MadeUserForm
from apps.accounts.models import Grant, Practice, Role, User
from apps.accounts.permissions import NAMED, Permission, Scope
from apps.accounts.rescuing import take_second_step_off
from apps.accounts.scoped_admin import principal
from apps.core.errors import FoveaError
from apps.core.languages import translated


class Rank(TextChoices):
    """What an account is, for the list."""

    SUPERUSER = "superuser", _("Superuser")
    STAFF = "staff", _("Administration")
    USER = "user", _("User")
    CLOSED = "closed", pgettext_lazy("account", "Closed")


RANK_COLOURS: Final = {Rank.SUPERUSER: "danger", Rank.STAFF: "info", Rank.USER: "", Rank.CLOSED: "warning"}
WORDS: Final = {
    "is_active": (
        pgettext_lazy("account", "Open"),
        _("A closed account signs in nowhere, and its tokens and sessions end."),
    ),
    "is_staff": (_("May open the administration"), _("Its pages show only what the user's roles allow.")),
    "is_superuser": (
        _("Superuser"),
        _("May do everything in every practice; an alert tells of what is not their own."),
    ),
}
FIRST = ("first_practice", "first_role", "first_scope")
FIRST_SCOPES = tuple((each.value, each.label) for each in Scope if each not in NAMED)


class NewUserForm(MadeUserForm):
    """A user with a first role."""

    first_practice = forms.ModelChoiceField(
        Practice.objects.none(), label=_("Practice"), required=False, widget=UnfoldAdminSelectWidget
    )
    first_role = forms.ModelChoiceField(
        Role.objects.none(), label=_("Role"), required=False, widget=UnfoldAdminSelectWidget
    )
    first_scope = forms.ChoiceField(
        choices=FIRST_SCOPES,
        label=pgettext_lazy("grant", "For"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Labels, referring physicians and single studies are given on the page of grants."),
    )
    who: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        practice, role = cleaned.get("first_practice"), cleaned.get("first_role")
        if bool(practice) is not bool(role):
            self.add_error("first_role", gettext("A role is given in a practice: choose both, or neither."))
        elif practice:
            self._check(Grant(user=self.instance, practice=practice, role=role))
        elif not people.decides_on_all(self.who):
            self.add_error("first_role", gettext("Give the new user a role in your practice."))
        return cleaned

    def first(self) -> Grant | None:
        """The role to begin with."""
        facts = {name.removeprefix("first_"): self.cleaned_data.get(name) for name in FIRST}
        return Grant(user=self.instance, **facts) if facts["practice"] and facts["role"] else None

    def _check(self, grant: Grant) -> None:
        try:
            grant.clean()
            granting.check_gift(self.who, grant)
        except (FoveaError, forms.ValidationError) as error:
            self.add_error("first_role", translated(error.detail) if isinstance(error, FoveaError) else error)


class UsersPracticeFilter(OwnPracticeFilter):
    def narrowed(self, request: HttpRequest, queryset: QuerySet[User], pk: int) -> QuerySet[User]:
        return queryset.filter(pk__in=_current(request).filter(practice=pk).values("user"))


class UsersRoleFilter(RoleFilter):
    def narrowed(self, request: HttpRequest, queryset: QuerySet[User], pk: int) -> QuerySet[User]:
        return queryset.filter(pk__in=_current(request).filter(role=pk).values("user"))


class RankFilter(admin.SimpleListFilter):
    title = _("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: PlainModelAdmin) -> list[tuple[str, str]]:
        return [
            ("superuser", gettext("Superusers")),
            ("staff", gettext("May open the administration")),
            ("closed", pgettext("accounts", "Closed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        wanted: Mapping[str, Mapping[str, bool]] = {
            "superuser": {"is_superuser": True},
            "staff": {"is_staff": True},
            "closed": {"is_active": False},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))


@admin.register(User)
class UserAdmin(DecidingAdmin, DjangoUserAdmin):
    """An administrator sees and looks after the users of their practices; superusers, everybody."""

    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = GivenPasswordForm
    change_user_password_template = "admin/accounts/change_password.html"  # noqa: S105 - a file
    change_form_outer_before_template = "admin/accounts/user_before.html"
    change_form_outer_after_template = "admin/accounts/user_after.html"
    list_display = ("who", "may_be", "rank", "last_login")
    list_filter = (UsersRoleFilter, UsersPracticeFilter, RankFilter)
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = _("Name, user name or e-mail")
    filter_horizontal = ()
    actions = ("give_role", "close_selected", "open_selected", "rescue_selected")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Account"), {"fields": ("is_active", "is_staff", "is_superuser", "must_change_password")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", ("password1", "password2"), "must_change_password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("First role"), {"fields": (FIRST[:2], FIRST[2])}),
        (_("Account"), {"fields": ("is_staff", "is_superuser")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        grants = _current(request).select_related("role", "practice").order_by("practice__name", "role__name")
        return (
            people.users(principal(request))
            .order_by("username")
            .prefetch_related(Prefetch("grants", grants, to_attr="shown_grants"))
        )

    @display(description=_("User"), ordering="username", header=True)
    def who(self, user: User) -> tuple[str, str]:
        return user.get_full_name() or user.username, user.username if user.get_full_name() else user.email

    @display(description=_("Roles"))
    def may_be(self, user: Any) -> str:
        """Those in the practices of whoever looks, and no others."""
        return ", ".join(_briefly(grant) for grant in user.shown_grants) or pgettext("roles", "none")

    @display(
        description=_("Account"),
        ordering="-is_superuser",
        label=RANK_COLOURS,
    )
    def rank(self, user: User) -> tuple[str, str]:
        rank = _rank_of(user)
        return rank, str(rank.label)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        sets = self.fieldsets if obj else self.add_fieldsets
        if people.decides_on_all(principal(request)):
            return sets
        return [(title, {"fields": _without_superuser(part["fields"])}) for title, part in sets]

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in WORDS:
            kwargs["label"], kwargs["help_text"] = WORDS[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj:
            return super().get_form(request, obj, **kwargs)
        sets = self.get_fieldsets(request)
        named = [name for name in flatten_fieldsets(sets) if name not in FIRST]
        made: Any = super().get_form(request, obj, **{**kwargs, "fields": named})
        made.who = principal(request)
        made.base_fields["first_practice"].queryset = people.practices(made.who)
        made.base_fields["first_practice"].initial = made.who.practice_id
        made.base_fields["first_role"].queryset = people.roles(made.who).order_by("name")
        return made

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if user:
            who = principal(request)
            grants = people.grants(who).filter(user=user).select_related("role", "practice", "granted_by")
            given = grants.order_by("-granted_at")
            shown = [(grant, state_of(grant).label, granting.has_ended(grant)) for grant in given]
            context = {"person": user, "grants_of": shown, "why_not": people.why_not_managed(who, user)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            granting.change_user(principal(request), obj, [name for name in form.changed_data if name != "password"])
        else:
            granting.add_user(principal(request), obj, form.first())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is: grants are given on their own page."""

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().user_change_password(request, *args, **kwargs)
            is_given = request.method == "POST" and getattr(request, "fovea_given_to", None)
            if is_given:
                user: User = request.fovea_given_to  # type: ignore[attr-defined]
                detail = f"{user.get_username()}: password given"
                tell(Change(Kind.ACCOUNT, principal(request), user.practice_id, detail))
        return response

    user_change_password.guards = dict.fromkeys(("GET", "POST"), Permission.ADMINISTER)  # type: ignore[attr-defined]

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        # Django tells nothing else of a password that has been set.
        request.fovea_given_to = obj  # type: ignore[attr-defined]
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        granting.remove_user(principal(request), obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self._say(request, user, granting.remove_user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and not (isinstance(obj, User) and people.why_not_managed(principal(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and people.decides_on_all(principal(request))

    @action(description=_("Give a role…"), permissions=["change"])
    def give_role(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        chosen = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
        return HttpResponseRedirect(f"{reverse('admin:accounts_grant_add')}?users={chosen}")

    @action(description=_("Close accounts"), permissions=["change"])
    def close_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_open(request, queryset, is_active=False)

    @action(description=_("Open closed accounts"), permissions=["change"])
    def open_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_open(request, queryset, is_active=True)

    @action(description=_("Take the second step off: make sure first who asks for it"), permissions=["change"])
    def rescue_selected(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        managed = []
        for user in queryset:
            if why_not := people.why_not_managed(principal(request), user):
                messages.error(request, translated(why_not))
            else:
                managed.append(user.pk)
        return take_second_step_off(self, request, User.objects.filter(pk__in=managed))

    def _set_open(self, request: HttpRequest, users: QuerySet[User], *, is_active: bool) -> None:
        for user in users.exclude(is_active=is_active):
            user.is_active = is_active
            self._say(request, user, lambda who, each: granting.change_user(who, each, ["is_active"]))

    def _say(self, request: HttpRequest, user: User, change: Any) -> None:
        try:
            change(principal(request), user)
        except FoveaError as error:
            messages.error(request, f"{user}: {translated(error.detail)}")
        else:
            messages.success(request, gettext("%(user)s: done.") % {"user": user})


def _current(request: HttpRequest) -> QuerySet[Grant]:
    """Grants that hold now, of practices of whoever looks."""
    return Grant.objects.current().filter(pk__in=people.grants(principal(request)).order_by().values("pk"))


def _rank_of(user: User) -> Rank:
    if not user.is_active:
        return Rank.CLOSED
    return Rank.SUPERUSER if user.is_superuser else Rank.STAFF if user.is_staff else Rank.USER


def _briefly(grant: Grant) -> str:
    scope = "" if grant.scope == Scope.PRACTICE else f" ({grant.get_scope_display().lower()})"
    return f"{grant.role} · {grant.practice}{scope}"


def _without_superuser(fields: Any) -> Any:
    kept = [
        tuple(name for name in line if name != "is_superuser") if isinstance(line, tuple) else line for line in fields
    ]
    return tuple(line for line in kept if line)
