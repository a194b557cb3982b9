"""Who is kept out for having guessed too often, in the admin: deleting a line lets them in again."""

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from apps.accounts import lockout


@admin.register(AccessAttempt)
class LockedAdmin(ModelAdmin):
    """Wrong attempts of the last minutes, by name and address."""

    list_display = ("who", "ip_address", "failures_since_start", "attempt_time", "state")
    list_display_links = None
    search_fields = ("username", "ip_address")
    search_help_text = "Name or address"
    ordering = ("-attempt_time",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessAttempt]:
        rows: QuerySet[AccessAttempt] = super().get_queryset(request)
        return rows.filter(attempt_time__gt=lockout.since())

    @display(description="Name", ordering="username")
    def who(self, attempt: AccessAttempt) -> str:
        return "a token that nobody has" if attempt.username == lockout.BEARER else attempt.username or ""

    @display(description="State", label={"Locked": "danger", "Counted": "info"})
    def state(self, attempt: AccessAttempt) -> str:
        return "Locked" if attempt.failures_since_start >= lockout.MOST_FAILURES else "Counted"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
