"""Batches in the admin: how each goes, and what became of its files."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin
from apps.core.dates import moment
from apps.core.languages import translated
from apps.jobs.showing import COLOURS
from apps.practice.admin.batch_upload import BatchUploadPage
from apps.practice.admin.performance import PerformanceView
from apps.practice.models import Batch, FileOutcome

MOST_SHOWN: Final = 500


@admin.register(Batch)
class BatchAdmin(BatchUploadPage, ScopedAdmin):
    """The newest first."""

    asks: Mapping[str, Guard] = {"view": Permission.UPLOAD}
    list_display = ("batch", "state", "files_done", "trouble", "sender")
    list_filter = ("job__state", PracticeFilter)
    list_fullwidth = True
    actions = None
    change_form_template = "admin/practice/batch.html"
    change_list_template = "admin/practice/batches.html"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        rows: QuerySet[Batch] = super().get_queryset(request)
        numbers = {
            f"files_{outcome}": Count("files", filter=Q(files__outcome=outcome)) for outcome in FileOutcome.values
        }
        return rows.select_related("job", "uploaded_by", "practice").annotate(files_all=Count("files"), **numbers)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(PerformanceView.as_view(model_admin=self))
        return [path("performance/", page, name="practice_performance"), *super().get_urls()]

    @display(description=_("Received"), ordering="id", header=True)
    def batch(self, row: Batch) -> tuple[str, str]:
        return moment(row.created_at), str(row)

    @display(description=_("State"), ordering="job__state", label=COLOURS)
    def state(self, row: Batch) -> tuple[str, str]:
        return row.job.state, row.job.get_state_display()

    @display(description=_("Files"))
    def files_done(self, row: Batch) -> str:
        done = getattr(row, "files_all", 0)
        total = max(row.total, done)
        said = ngettext("%(done)s of %(total)s file", "%(done)s of %(total)s files", total)
        return said % {"done": done, "total": total}

    @display(description=_("Not stored"))
    def trouble(self, row: Batch) -> str:
        refused, held = getattr(row, "files_refused", 0), getattr(row, "files_quarantined", 0)
        said = [
            gettext("%(number)s refused") % {"number": refused} if refused else "",
            gettext("%(number)s in quarantine") % {"number": held} if held else "",
        ]
        return ", ".join(filter(None, said)) or translated(row.job.error)

    @display(description=_("From"), header=True)
    def sender(self, row: Batch) -> tuple[str, str]:
        return str(row.uploaded_by or gettext("nobody who is still here")), row.source

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **_shown(row)})


def _shown(row: Batch | None) -> dict[str, Any]:
    """The page of one: what was not stored before the rest."""
    if row is None:
        return {}
    troubled = Q(outcome__in=(FileOutcome.REFUSED, FileOutcome.QUARANTINED))
    files = [*row.files.filter(troubled)[:MOST_SHOWN], *row.files.exclude(troubled)[:MOST_SHOWN]][:MOST_SHOWN]
    done = getattr(row, "files_all", 0)
    total = max(row.total, done)
    counts = [(each.label, getattr(row, f"files_{each.value}", 0)) for each in FileOutcome]
    return {
        "batch": row,
        "done": done,
        "total": total,
        "percent": 100 * done // total if total else 100,
        "counts": [each for each in counts if each[1]],
        "files": files,
        "more": max(0, done - len(files)),
    }
