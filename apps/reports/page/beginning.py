"""The page on which a report is begun: by which template, where more than one fits."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.pages import OwnPage
from apps.accounts.guards import Guards
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict, FoveaError, NotFound
from apps.reports import creating, templates_finding
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.reaching import WRITES, reports, study_of

# As many of the study's reports are shown.
MOST_SHOWN: Final = 20
SOURCE: Final = "page"


class NewReportView(OwnPage):
    """For who may report the study; another's is not there."""

    guards: Guards = {"GET": WRITES, "POST": WRITES}
    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(self._study())

    def post(self, request: HttpRequest) -> HttpResponse:
        study = self._study()
        try:
            report = creating.create(
                self.who, study, _chosen(self.who, study, request.POST.get("template", "")), source=SOURCE
            )
        except FoveaError as error:
            return self._page(study, error)
        return redirect("report", report.pk)

    def _study(self) -> Study:
        try:
            return study_of(self.who, self.request.GET.get("study", ""))
        except NotFound as error:
            raise Http404 from error

    def _page(self, study: Study, error: FoveaError | None = None) -> HttpResponse:
        try:
            best = templates_finding.best_for(study, self.who).template
        except Conflict as none:
            best, error = None, error or none
        shown = {
            "study": study,
            "templates": _usable(self.who, study, best),
            "best": best,
            "reports": reports(self.who).filter(study=study)[:MOST_SHOWN],
            "error": error,
        }
        return render(self.request, "reports/begin.html", shown, status=error.status if error else 200)


def _usable(who: Principal, study: Study, best: ReportTemplate | None) -> list[ReportTemplate]:
    """Those for the study's modalities first, in the language of the one that fits best."""
    language = best.language if best else ""
    return templates_finding.usable(who, study.practice_id, language, study.modalities)


def _chosen(who: Principal, study: Study, named: str) -> TemplateVersion | None:
    """The newest version of the chosen template; None for the one that fits best."""
    usable = templates_finding.usable(who, study.practice_id)
    found = next((each for each in usable if str(each.pk) == named), None)
    return templates_finding.newest(found) if found else None
