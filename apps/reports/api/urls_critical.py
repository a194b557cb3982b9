"""The addresses of critical findings."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.critical import AcknowledgeView, CriticalFindingsView, CriticalFindingView

urlpatterns: list[URLPattern] = [
    route("critical-findings", CriticalFindingsView.as_view(), "api-critical-findings"),
    route("critical-findings/<int:pk>", CriticalFindingView.as_view(), "api-critical-finding"),
    route("critical-findings/<int:pk>/acknowledge", AcknowledgeView.as_view(), "api-critical-acknowledge"),
]
