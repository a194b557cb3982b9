"""People in the admin: users, practices and tokens."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps as django_apps
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import UserChangeForm

from apps.accounts import authentication, locked_admin
from apps.accounts.forms import GivenPasswordForm, MadeUserForm
from apps.accounts.guards import Guard
from apps.accounts.models import Grant, Practice, Token, User
from apps.accounts.permissions import Permission
from apps.accounts.reauthentication import ConfirmedChanging
from apps.accounts.scoped_admin import SiteAdmin

# Roles come in their own form; groups of Django's permissions would only promise what they don't do.
admin.site.unregister(Group)
# What django-allauth keeps is its own affair, and its tables hold secrets.
for _label in ("account", "mfa", "socialaccount", "usersessions"):
    admin.site.unregister(filter(admin.site.is_registered, django_apps.get_app_config(_label).get_models()))
__all__ = ["locked_admin"]


class ForSuperusers(SiteAdmin):
    """Who may sign in and see what is decided by superusers alone: anybody else could raise themselves."""

    asks: Mapping[str, Guard] = dict.fromkeys(("view", "add", "change", "delete"), Permission.ADMINISTER)


class GrantInline(TabularInline):
    model = Grant
    fk_name = "user"
    extra = 0
    fields = ("practice", "role", "scope", "subject", "valid_from", "valid_until", "reason")
    verbose_name_plural = "Grants: what this user may do, and with what"


@admin.register(User)
class UserAdmin(ConfirmedChanging, ForSuperusers, DjangoUserAdmin):
    """Sign-ins, with the practices each belongs to."""

    form = UserChangeForm
    add_form = MadeUserForm
    change_password_form = GivenPasswordForm
    change_user_password_template = "admin/accounts/change_password.html"  # noqa: S105 - a file
    inlines = (GrantInline,)
    list_display = ("who", "in_practices", "role", "is_active", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "grants__practice")
    list_filter_submit = False
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = "Name, user name or e-mail"
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    warn_unsaved_form = True
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": (("first_name", "last_name"), "email")}),
        ("Access", {"fields": ("practice", ("is_active", "is_staff", "is_superuser"), "must_change_password")}),
        ("Dates", {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", ("password1", "password2"), "must_change_password")}),
        ("Person", {"fields": (("first_name", "last_name"), "email")}),
        ("Access", {"fields": ("practice", ("is_staff", "is_superuser"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("grants__practice")

    @display(description="User", ordering="username", header=True)
    def who(self, user: User) -> tuple[str, str]:
        return user.get_full_name() or user.username, user.username if user.get_full_name() else user.email

    @display(description="Practices")
    def in_practices(self, user: User) -> str:
        return ", ".join(sorted({grant.practice.name for grant in user.grants.all() if grant.is_current()})) or "none"

    @display(
        description="Role",
        ordering="-is_superuser",
        label={"Superuser": "primary", "Staff": "info"},
    )
    def role(self, user: User) -> str:
        return "Superuser" if user.is_superuser else "Staff" if user.is_staff else "User"

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user = form.instance
        keep_active_practice_among_grants(user)
        authentication.forget_all()

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        super().delete_model(request, obj)
        authentication.forget_all()


def keep_active_practice_among_grants(user: User) -> None:
    """What a user uploads goes to a practice that they belong to, or nowhere."""
    practices = list(user.grants.current().order_by("pk").values_list("practice_id", flat=True))
    if user.practice_id not in practices:
        user.practice_id = next(iter(practices), None)
        user.save(update_fields=["practice"])


@admin.register(Practice)
class PracticeAdmin(ConfirmedChanging, ForSuperusers):
    """The tenants. One that has patients can't be deleted: its studies go first."""

    list_display = ("name", "user_count", "created_at")
    search_fields = ("name",)
    readonly_fields = ("created_at",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Practice]:
        return super().get_queryset(request).annotate(user_count=Count("grants__user", distinct=True))

    @display(description="Users", ordering="user_count")
    def user_count(self, practice: Any) -> int:
        return int(practice.user_count)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and isinstance(obj, Practice) and not obj.patients.exists()


@admin.register(Token)
class TokenAdmin(ConfirmedChanging, ModelAdmin):
    """Bearer tokens: issued, shown once, and revoked. A user who isn't a superuser sees their own."""

    list_display = ("name", "user", "hint_of", "created_at", "expires_at", "state")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "hint")
    fields = ("name", "user", "expires_at")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Token]:
        rows: QuerySet[Token] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(user__username=request.user.get_username())

    @display(description="Begins with")
    def hint_of(self, token: Token) -> str:
        return f"{token.hint}…"

    @display(description="State", label={"Current": "success", "Expired": "warning"})
    def state(self, token: Token) -> str:
        return "Current" if token.is_current() else "Expired"

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        users = User.objects.filter(is_active=True)
        kwargs["queryset"] = users if request.user.is_superuser else users.filter(username=request.user.get_username())
        kwargs["initial"] = request.user.pk
        field: ModelChoiceField | None = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def save_model(self, request: HttpRequest, obj: Token, form: ModelForm, change: bool) -> None:
        token, secret = Token.issue(obj.user, obj.name, obj.expires_at)
        obj.pk = token.pk
        obj.hint = token.hint
        request.issued_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Token, post_url_continue: str | None = None) -> HttpResponse:
        """Show the secret, this once: in the page itself, since a message would keep it in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Token issued",
            "token": obj,
            "secret": request.issued_secret,  # type: ignore[attr-defined]
            "list_url": reverse("admin:accounts_token_changelist"),
        }
        response = TemplateResponse(request, "admin/accounts/token_issued.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def delete_model(self, request: HttpRequest, obj: Token) -> None:
        super().delete_model(request, obj)
        authentication.forget_all()
        messages.info(request, "Whatever used the token can't sign in with it any more.")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return obj is None or request.user.is_superuser or obj.user_id == request.user.pk

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return self.has_view_permission(request, obj)
