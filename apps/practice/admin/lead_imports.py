"""The pages on which somebody brings in a table: sent, looked at row by row, confirmed."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from apps.accounts.scoped_admin import GuardedAdmin, guarded, practices_of, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.practice.admin.lead_forms import ColumnsForm, TableForm
from apps.practice.leads.bulk import Change
from apps.practice.leads.importing import staging
from apps.practice.leads.importing.bringing import MAX_BYTES, Line, Plan, Report, Table, bring
from apps.practice.leads.importing.cells import DateOrder
from apps.practice.leads.importing.requests import ask
from apps.practice.leads.writing import decide
from apps.practice.models.leads import KEEPING
from apps.practice.templatetags.practice_leads import in_words

SOURCE: Final = "admin"
# Of each kind, on the page of a preview.
MOST_SHOWN: Final = 50
ORDER: Final = (Change.WRONG, Change.CHANGED, Change.CREATED, Change.SAME)


class LeadImportPages(GuardedAdmin):
    """Mixed into the admin of leads."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("import/", guard(self.import_view), name="practice_lead_import"),
            path("import/<int:practice>/<str:table>/", guard(self.preview_view), name="practice_lead_preview"),
            *super().get_urls(),
        ]

    @guarded({"GET": KEEPING, "POST": KEEPING})
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form that takes a table, which is then looked at."""
        who = principal(request)
        whole = who.whole(KEEPING)
        practices = practices_of(request) if whole is None else practices_of(request).filter(pk__in=whole)
        form = TableForm(practices, request.POST or None, request.FILES or None, initial={"practice": who.practice_id})
        if form.is_valid():
            upload, practice = form.cleaned_data["file"], form.cleaned_data["practice"]
            try:
                Table.read(data := upload.read(MAX_BYTES + 1))
                name = staging.keep(data, who.user_id)
            except FoveaError as error:
                form.add_error("file", translated(error.detail))
            else:
                return HttpResponseRedirect(reverse("admin:practice_lead_preview", args=[practice.pk, name]))
        return self._page(request, "lead_import", {"title": gettext("Import leads"), "form": form})

    @guarded({"GET": KEEPING, "POST": KEEPING})
    def preview_view(self, request: HttpRequest, practice: int, table: str) -> HttpResponse:
        """What each column says, and what would become of each row; and then it is done."""
        who = principal(request)
        decide(who, practice)
        try:
            data = staging.read(table, who.user_id)
            read = Table.read(data)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return HttpResponseRedirect(reverse("admin:practice_lead_import"))
        form = ColumnsForm(read.headers, request.POST or None, initial=_initial(Plan.guessed(read)))
        plan = Plan.guessed(read)
        if form.is_bound and form.is_valid():
            plan = Plan(form.targets, DateOrder(form.cleaned_data["order"]))
        context: dict[str, Any] = {"title": gettext("Import leads: look before it is done"), "form": form}
        try:
            if form.is_bound and form.is_valid() and "confirmed" in request.POST:
                return self._taken(request, practice, table, data, plan)
            report = bring(who, practice, read, plan, source=SOURCE, is_preview=True)
        except FoveaError as error:
            return self._page(request, "lead_preview", context | {"error": error.detail})
        return self._page(request, "lead_preview", context | {"report": report, "groups": _groups(report)})

    def _taken(self, request: HttpRequest, practice: int, name: str, data: bytes, plan: Plan) -> HttpResponse:
        done = ask(principal(request), practice, data, plan, source=SOURCE)
        staging.discard(name)
        if done.job:
            messages.success(request, gettext("The table is being taken. This page shows how far it is."))
            return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[done.job.pk]))
        messages.success(
            request, gettext("Imported: %(words)s") % {"words": in_words(done.report.counts if done.report else {})}
        )
        return HttpResponseRedirect(reverse("admin:practice_lead_changelist"))

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/practice/{template}.html", known)


def _initial(plan: Plan) -> dict[str, Any]:
    said = {f"column_{number}": target for number, target in enumerate(plan.targets)}
    return {**said, "order": plan.order.value}


def _groups(report: Report) -> list[tuple[Change, int, list[Line]]]:
    """The rows by what becomes of them, wrong ones first: how many, and the first of them."""
    found = []
    for change in ORDER:
        lines = [line for line in report.lines if line.taken.change is change]
        if lines:
            found.append((change, len(lines), lines[:MOST_SHOWN]))
    return found
