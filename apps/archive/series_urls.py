"""The addresses of series and instances below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.archive.series_api import InstanceView, SeriesInstancesView, SeriesView, StudySeriesView
from apps.core.routes import route

urlpatterns: Final[list[URLPattern]] = [
    route("studies/<str:uid>/series", StudySeriesView.as_view(), "api-study-series"),
    route("series/<str:uid>", SeriesView.as_view(), "api-series"),
    route("series/<str:uid>/instances", SeriesInstancesView.as_view(), "api-series-instances"),
    route("instances/<str:uid>", InstanceView.as_view(), "api-instance"),
]
