"""What every admin page of a practice's things has in common: closed by default, read through one door."""

from dataclasses import replace
from typing import Any

from django.contrib.admin import ModelAdmin as PlainModelAdmin
from django.contrib.admin import SimpleListFilter
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from apps.accounts.models import Practice
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


class ScopedAdmin(ModelAdmin):
    """Rows that the person may see, to be read. Nothing is added or changed here: services do that."""

    show_full_result_count = False
    list_per_page = 50

    def rows(self) -> ScopedQuerySet[Any]:
        """All rows of the model, in a form that knows whose each is."""
        every: ScopedQuerySet[Any] = self.model.objects.all()
        return every

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        visible = self.rows().visible_to(principal(request))
        ordering = self.get_ordering(request)
        return visible.order_by(*ordering) if ordering else visible

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PracticeFilter(SimpleListFilter):
    """By practice, for those who see more than one."""

    title = "practice"
    parameter_name = "practice"
    path = "practice"

    def lookups(self, request: HttpRequest, model_admin: PlainModelAdmin) -> list[tuple[str, str]]:
        choices = [(str(practice.pk), practice.name) for practice in practices_of(request)]
        return choices if len(choices) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(**{f"{self.path}_id": value}) if value.isdigit() else queryset
