"""Practices in the admin: the tenants, for superusers."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.admin.deciding import EVERYTHING, DecidingAdmin
from apps.accounts.events import Change, Kind, tell
from apps.accounts.guards import Guard
from apps.accounts.models import Practice
from apps.accounts.scoped_admin import SiteAdmin, principal


@admin.register(Practice)
class PracticeAdmin(SiteAdmin, DecidingAdmin):
    """One that has anything of its own, on record too, can't be deleted."""

    asks: Mapping[str, Guard] = EVERYTHING
    list_display = ("name", "user_count", "created_at")
    search_fields = ("name",)
    readonly_fields = ("created_at",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Practice]:
        lasting = Q(grants__valid_until=None) | Q(grants__valid_until__gt=timezone.now())
        rows: QuerySet[Practice] = super().get_queryset(request)
        return rows.annotate(user_count=Count("grants__user", filter=lasting, distinct=True))

    @display(description=_("Users"), ordering="user_count")
    def user_count(self, practice: Any) -> int:
        return int(practice.user_count)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_kept = isinstance(obj, Practice) and obj.patients.exists()
        return super().has_delete_permission(request, obj) and not is_kept

    def save_model(self, request: HttpRequest, obj: Practice, form: ModelForm, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            what = "renamed" if change else "made"
            tell(Change(Kind.ACCOUNT, principal(request), obj.pk, f"practice {obj.name} {what}"))

    def delete_model(self, request: HttpRequest, obj: Practice) -> None:
        with transaction.atomic():
            name = obj.name
            super().delete_model(request, obj)
            tell(Change(Kind.ACCOUNT, principal(request), None, f"practice {name} deleted"))
