"""The addresses of reports that are being written, their history, how they read, phrases, and what waits."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.history import DifferencesView, RevisionsView, RevisionView
from apps.reports.api.outputs import HtmlView, TextView
from apps.reports.api.phrases import PhrasesView, PhraseView
from apps.reports.api.reports import AmendView, PreliminaryView, PresenceView, ReportsView, ReportView
from apps.reports.api.worklist import TurnaroundView, WorklistView

urlpatterns: list[URLPattern] = [
    route("reports", ReportsView.as_view(), "api-reports"),
    route("reports/<int:pk>", ReportView.as_view(), "api-report"),
    route("reports/<int:pk>/preliminary", PreliminaryView.as_view(), "api-report-preliminary"),
    route("reports/<int:pk>/amend", AmendView.as_view(), "api-report-amend"),
    route("reports/<int:pk>/presence", PresenceView.as_view(), "api-report-presence"),
    route("reports/<int:pk>/revisions", RevisionsView.as_view(), "api-report-revisions"),
    route("reports/<int:pk>/revisions/<int:number>", RevisionView.as_view(), "api-report-revision"),
    route("reports/<int:pk>/differences", DifferencesView.as_view(), "api-report-differences"),
    route("reports/<int:pk>/html", HtmlView.as_view(), "api-report-html"),
    route("reports/<int:pk>/text", TextView.as_view(), "api-report-text"),
    route("phrases", PhrasesView.as_view(), "api-phrases"),
    route("phrases/<int:pk>", PhraseView.as_view(), "api-phrase"),
    route("report-worklist", WorklistView.as_view(), "api-report-worklist"),
    route("report-turnaround", TurnaroundView.as_view(), "api-report-turnaround"),
]
