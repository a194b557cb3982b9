"""The page on which somebody brings in a list from another system."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from apps.accounts.scoped_admin import GuardedAdmin, guarded, practices_of, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.worklist import importing
from apps.worklist.admin.forms import ImportForm
from apps.worklist.models.scheduled import PLANNING

SOURCE: Final = "admin"


class ImportPages(GuardedAdmin):
    """Mixed into the admin of steps."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="worklist_scheduledstep_import"), *super().get_urls()]

    @guarded({"GET": PLANNING, "POST": PLANNING})
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and what became of the file that was sent with it."""
        whole = principal(request).whole(PLANNING)
        practices = practices_of(request) if whole is None else practices_of(request).filter(pk__in=whole)
        active = {"practice": principal(request).practice_id}
        form = ImportForm(practices, request.POST or None, request.FILES or None, initial=active)
        context: dict[str, Any] = {"title": gettext("Import a worklist"), "form": form}
        if form.is_valid():
            upload = form.cleaned_data["file"]
            if upload.size > importing.MAX_BYTES:
                form.add_error("file", translated(importing.too_large()))
            else:
                self._bring(request, form, importing.Source(upload.name, content=upload.read()), context)
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, "admin/worklist/import.html", known)

    def _bring(self, request: HttpRequest, form: ImportForm, source: importing.Source, context: dict[str, Any]) -> None:
        practice = form.cleaned_data["practice"]
        try:
            report = importing.bring(practice.pk, [source], principal(request), source=SOURCE)
            context |= {"report": report, "outcome": [translated(text) for text in report.counted]}
        except FoveaError as error:
            form.add_error(None, translated(error.detail))
