"""The archives that are asked for priors, in the admin."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.admin.deciding import DecidingAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.remotes.models import Remote
from apps.routing.prefetch import administering
from apps.routing.prefetch.models import PrefetchSource

SOURCE: Final = "admin"
ASKED, SILENT, OFF = "asked", "silent", "off"
STATES: Final = {ASKED: _("Is asked"), SILENT: _("Does not answer"), OFF: _("Switched off")}


@admin.register(PrefetchSource)
class PrefetchSourceAdmin(DecidingAdmin, ScopedAdmin):
    """In the order in which they are asked."""

    list_display = ("archive", "asked", "bounds", "only", "state", "practice")
    list_display_links = ("archive",)
    list_filter = ("is_active", PracticeFilter)
    list_fullwidth = True
    ordering = ("practice", "position", "pk")
    actions = None
    fieldsets = (
        (None, {"fields": (("remote", "position"), ("is_active", "when"))}),
        (_("What is fetched"), {"fields": (("modalities", "body_parts"), ("most_studies", "years"), "most_instances")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrefetchSource]:
        return super().get_queryset(request).select_related("remote", "practice")

    @display(description=_("Archive"), header=True)
    def archive(self, row: PrefetchSource) -> tuple[str, str]:
        return row.remote.name, row.remote.title or row.remote.url

    @display(description=_("Asked"), ordering="when")
    def asked(self, row: PrefetchSource) -> str:
        return row.get_when_display()

    @display(description=_("At most"), header=True)
    def bounds(self, row: PrefetchSource) -> tuple[str, str]:
        studies = ngettext("%(count)s study", "%(count)s studies", row.most_studies) % {"count": row.most_studies}
        years = ngettext("of %(count)s year", "of %(count)s years", row.years) % {"count": row.years}
        instances = ngettext("%(count)s instance", "%(count)s instances", row.most_instances)
        return studies, f"{years}, {instances % {'count': row.most_instances}}"

    @display(description=_("Only"))
    def only(self, row: PrefetchSource) -> str:
        return row.modalities or gettext("all modalities")

    @display(description=_("State"), label={ASKED: "success", SILENT: "danger", OFF: "warning"})
    def state(self, row: PrefetchSource) -> tuple[str, str]:
        is_used = row.is_active and row.remote.is_active
        state = OFF if not is_used else SILENT if row.failures else ASKED
        return state, str(STATES[state])

    def get_readonly_fields(self, request: HttpRequest, obj: PrefetchSource | None = None) -> Any:
        return ("remote",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = Remote.objects.visible_to(principal(request), Permission.ADMINISTER)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: PrefetchSource, form: ModelForm, change: bool) -> None:
        administering.save_source(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: PrefetchSource) -> None:
        administering.remove_source(principal(request), obj, source=SOURCE)
