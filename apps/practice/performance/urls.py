"""The address of the performance report."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.performance.api import PerformanceView

urlpatterns: list[URLPattern] = [
    route("dental/xrays/performance", PerformanceView.as_view(), "api-dental-xrays-performance")
]
