"""The addresses of measurements below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.measurements.api.views import LinesView, MeasurementsView, MeasurementView

urlpatterns: Final[list[URLPattern]] = [
    route("measurements", MeasurementsView.as_view(), "api-measurements"),
    route("measurements/series", LinesView.as_view(), "api-measurement-series"),
    route("measurements/<int:pk>", MeasurementView.as_view(), "api-measurement"),
]
