"""The addresses of reports that are being written, their history, and how they read."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.history import DifferencesView, RevisionsView, RevisionView
from apps.reports.api.outputs import HtmlView, TextView
from apps.reports.api.reports import AmendView, PreliminaryView, PresenceView, ReportsView, ReportView

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
]
