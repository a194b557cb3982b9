"""Pages under /reports/."""

from typing import Final

from django.urls import URLPattern, path

from apps.reports.page.beginning import NewReportView
from apps.reports.page.verification import VerificationView
from apps.reports.page.writing import ReportView

urlpatterns: Final[list[URLPattern]] = [
    path("new", NewReportView.as_view(), name="report-new"),
    path("verify/<str:secret>", VerificationView.as_view(), name="report-verify"),
    path("<int:pk>/", ReportView.as_view(), name="report"),
]
