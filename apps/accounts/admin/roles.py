"""Roles in the admin: the product's to read, a practice's own to make; and the table of who may what."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Model, Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts import granting, people
from apps.accounts.admin.deciding import DecidingAdmin
from apps.accounts.admin.permission_fields import FIELDS, GROUPS, PermissionsForm
from apps.accounts.models import Role
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import guarded, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated

BUILT_IN, OWN = "built in", "own"


class RoleForm(PermissionsForm):
    """A practice's own role. `who` is set by the page, which knows who makes it."""

    who: Any = None

    class Meta:
        model = Role
        fields = ("name", "practice")
        help_texts = {"name": _("What people with this role are called, such as “hygienist”.")}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.instance.permissions = self.chosen()
        practice = self.cleaned_data.get("practice") or self.instance.practice
        if practice is None:
            return cleaned
        before = Role.objects.filter(pk=self.instance.pk).values_list("permissions", flat=True).first() or []
        try:
            granting.check_lacking(self.who, practice.pk, set(self.instance.permissions) - set(before))
        except FoveaError as error:
            self.add_error(None, translated(error.detail))
        return cleaned


@admin.register(Role)
class RoleAdmin(DecidingAdmin):
    """What people may be; who may be what is for grants."""

    form = RoleForm
    list_display = ("called", "whose", "what", "holders")
    list_before_template = "admin/accounts/roles_before.html"
    change_form_outer_before_template = "admin/accounts/role_before.html"
    search_fields = ("name",)
    ordering = (F("practice__name").asc(nulls_first=True), "name")
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        now = timezone.now()
        held = Q(grants__valid_from__lte=now) & (Q(grants__valid_until=None) | Q(grants__valid_until__gt=now))
        seen = Q(grants__practice__in=people.practices(principal(request)))
        rows = people.roles(principal(request)).select_related("practice").order_by(*self.ordering)
        return rows.annotate(holder_count=Count("grants__user", filter=held & seen, distinct=True))

    @display(description=_("Role"))
    def called(self, role: Role) -> str:
        return str(role)

    @display(description=_("Whose"), label={BUILT_IN: "info", OWN: ""})
    def whose(self, role: Role) -> tuple[str, str]:
        return (OWN, str(role.practice)) if role.practice else (BUILT_IN, gettext("Built in"))

    @display(description=pgettext_lazy("permission", "May"))
    def what(self, role: Role) -> SafeString:
        names = ((name,) for name in Permission.values if name in role.permissions)
        return format_html_join(" ", '<span class="fovea-badge quiet">{}</span>', names)

    @display(description=_("Users"))
    def holders(self, role: Any) -> int:
        return int(role.holder_count)

    @display(description=pgettext_lazy("permission", "May"))
    def listed(self, role: Role) -> SafeString:
        words = ((each.label,) for each in Permission if each in role.permissions)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", words))

    def get_fieldsets(self, request: HttpRequest, obj: Role | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ((None, {"fields": ("name", "listed")}),)
        return ((None, {"fields": (("name", "practice"),)}), (gettext("What it may do"), {"fields": FIELDS}))

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> Sequence[str]:
        return ("practice", "listed") if obj else ("listed",)

    def get_form(self, request: HttpRequest, obj: Role | None = None, **kwargs: Any) -> type[RoleForm]:
        # The checkboxes are the form's own fields, of which the factory knows nothing.
        named = ("name",) if obj else ("name", "practice")
        kwargs["fields"] = named
        made = super().get_form(request, obj, **kwargs)
        made.who = principal(request)
        practice = made.base_fields.get("practice")
        if isinstance(practice, ModelChoiceField):
            practice.queryset, practice.required, practice.empty_label = people.practices(made.who), True, None
            practice.initial = made.who.practice_id
        return made

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?like=1` begins with what that role may."""
        like = request.GET.get("like", "")
        model = people.roles(principal(request)).filter(pk=like).first() if like.isdigit() else None
        return {"permissions": model.permissions} if model else {}

    def save_model(self, request: HttpRequest, obj: Role, form: RoleForm, change: bool) -> None:
        obj.permissions = form.chosen()
        granting.save_role(principal(request), obj)

    def delete_model(self, request: HttpRequest, obj: Role) -> None:
        granting.remove_role(principal(request), obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (isinstance(obj, Role) and obj.practice_id is None)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_kept = isinstance(obj, Role) and (obj.practice_id is None or obj.grants.exists())
        return super().has_delete_permission(request, obj) and not is_kept

    def get_urls(self) -> list[URLPattern]:
        table = self.admin_site.admin_view(self.table)
        return [path("table/", table, name="accounts_role_table"), *super().get_urls()]

    @guarded({"GET": Permission.ADMINISTER})
    def table(self, request: HttpRequest) -> HttpResponse:
        """Who may what: a row for each permission, a column for each role."""
        roles = list(people.roles(principal(request)).select_related("practice").order_by(*self.ordering))
        groups = [
            (title, [(each, [each in role.permissions for role in roles]) for each in permissions])
            for title, permissions in GROUPS.values()
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Who may what"),
            "roles": roles,
            "groups": groups,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/role_table.html", context)
