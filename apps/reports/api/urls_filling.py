"""The addresses of what reports are filled in with."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.filling import FillView, PriorsView, ReportMeasurementsView

urlpatterns: list[URLPattern] = [
    route("reports/<int:pk>/fill", FillView.as_view(), "api-report-fill"),
    route("reports/<int:pk>/priors", PriorsView.as_view(), "api-report-priors"),
    route("reports/<int:pk>/measurements", ReportMeasurementsView.as_view(), "api-report-measurements"),
]
