"""The addresses of what is made of reports for people to present."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.presenting import SlidesView

urlpatterns: Final[list[URLPattern]] = [route("reports/<int:pk>/pptx", SlidesView.as_view(), "api-report-pptx")]
