"""What every admin page has in common: it asks for a permission, and reads rows through one door."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from django.contrib.admin import ModelAdmin as PlainModelAdmin
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from apps.accounts.guards import Guard, Guards, Open
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, principal_of
from apps.accounts.scoping import ScopedQuerySet
from apps.core.errors import SignInRequired


def principal(request: HttpRequest) -> Principal:
    """Who looks at this page; asked for once a request."""
    known: Principal | None = getattr(request, "fovea_principal", None)
    if known is None:
        known = principal_of(request.user)
        if known is None:
            raise SignInRequired
        request.fovea_principal = known  # type: ignore[attr-defined]
    return known


def acting_in(request: HttpRequest, practice_id: int) -> Principal:
    """The same person acting in the practice whose thing it is: two practices may have the same UIDs."""
    return replace(principal(request), practice_id=practice_id)


def practices_of(request: HttpRequest) -> QuerySet[Practice]:
    """The practices that this person may see."""
    who = principal(request)
    return Practice.objects.all() if who.is_superuser else Practice.objects.filter(pk__in=who.practice_ids)


def practice_column(request: HttpRequest) -> list[str]:
    """The column that names each row's practice, where the person may see rows of more than one."""
    who = principal(request)
    return ["practice"] if who.is_superuser or len(who.practice_ids) > 1 else []


class GuardedAdmin(ModelAdmin):
    """Pages that ask for permissions: `asks` says for what to `view`, `add`, `change` and `delete`.

    What it leaves out is closed to everybody, superusers too: services do it.
    """

    asks: Mapping[str, Guard] = {}

    def allows(self, request: HttpRequest, what: str, obj: Model | None = None) -> bool:
        """Whether the person may do this: with the object, or with any at all."""
        guard = self.asks.get(what)
        if guard is None or not request.user.is_active:
            return False
        who = principal(request)
        return isinstance(guard, Open) or (who.may(guard) and (obj is None or self.reaches(who, guard, obj)))

    def reaches(self, who: Principal, permission: Permission, obj: Any) -> bool:
        """Whether the permission, which the person has for something, holds for this object."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.allows(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.allows(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.allows(request, "delete", obj)

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> NoReturn:
        """What is hidden and what there isn't are the same."""
        raise Http404


class ScopedAdmin(GuardedAdmin):
    """Rows that the person may see, to be read. Nothing is added or changed here: services do that."""

    asks: Mapping[str, Guard] = {"view": Permission.VIEW}
    show_full_result_count = False
    list_per_page = 50

    def rows(self) -> ScopedQuerySet[Any]:
        """All rows of the model, in a form that knows whose each is."""
        every: ScopedQuerySet[Any] = self.model.objects.all()
        return every

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        guard = self.asks["view"]
        visible = self.rows().visible_to(principal(request), guard if isinstance(guard, Permission) else None)
        ordering = self.get_ordering(request)
        return visible.order_by(*ordering) if ordering else visible

    def reaches(self, who: Principal, permission: Permission, obj: Any) -> bool:
        # What can be seen at all came by `get_queryset`.
        return permission == self.asks["view"] or self.rows().visible_to(who, permission).filter(pk=obj.pk).exists()


class ReadersChange(ScopedAdmin):
    """Rows that are changed by people who may read them too: Django shows a list to who may only change."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj) and super().has_change_permission(request, obj)


class SiteAdmin(GuardedAdmin):
    """What concerns the whole site: for those who have the permission everywhere, which are superusers."""

    def allows(self, request: HttpRequest, what: str, obj: Model | None = None) -> bool:
        guard = self.asks.get(what)
        return isinstance(guard, Permission) and super().allows(request, what, obj) and is_everywhere(request, guard)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows if self.allows(request, "view") else rows.none()


def is_everywhere(request: HttpRequest, permission: Permission) -> bool:
    """Whether the person has the permission in every practice."""
    return principal(request).whole(permission) is None


def guarded(guards: Guards) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Declare what an admin's own view asks for, by method, and ask for it. There are no other methods."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        def asking(model_admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            guard = guards.get("GET" if request.method == "HEAD" else request.method or "")
            if guard is None:
                return HttpResponseNotAllowed(list(guards))
            if isinstance(guard, Permission) and not principal(request).may(guard):
                raise PermissionDenied
            return view(model_admin, request, *args, **kwargs)

        asking.guards = guards  # type: ignore[attr-defined]
        return asking

    return decorate


class PracticeFilter(SimpleListFilter):
    """By practice, for those who see more than one."""

    title = _("practice")
    parameter_name = "practice"
    path = "practice"

    def lookups(self, request: HttpRequest, model_admin: PlainModelAdmin) -> list[tuple[str, str]]:
        choices = [(str(practice.pk), practice.name) for practice in practices_of(request)]
        return choices if len(choices) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(**{f"{self.path}_id": value}) if value.isdigit() else queryset
