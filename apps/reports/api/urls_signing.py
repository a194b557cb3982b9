"""The addresses of signing below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.signing import PdfView, SignaturesView, SignView

urlpatterns: Final[list[URLPattern]] = [
    route("reports/<int:pk>/sign", SignView.as_view(), "api-report-sign"),
    route("reports/<int:pk>/signatures", SignaturesView.as_view(), "api-report-signatures"),
    route("reports/<int:pk>/pdf", PdfView.as_view(), "api-report-pdf"),
]
