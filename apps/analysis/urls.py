"""The addresses of analyses below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.analysis.api import (
    AcceptView,
    AnalysesView,
    AnalysisView,
    CancelAnalysisView,
    KindsView,
    RejectView,
    RerunView,
    StudyAnalysesView,
)
from apps.core.routes import route

urlpatterns: Final[list[URLPattern]] = [
    route("studies/<str:uid>/analyses", StudyAnalysesView.as_view(), "api-study-analyses"),
    route("analyses", AnalysesView.as_view(), "api-analyses"),
    route("analyses/kinds", KindsView.as_view(), "api-analysis-kinds"),
    route("analyses/<int:pk>", AnalysisView.as_view(), "api-analysis"),
    route("analyses/<int:pk>/rerun", RerunView.as_view(), "api-analysis-rerun"),
    route("analyses/<int:pk>/cancel", CancelAnalysisView.as_view(), "api-analysis-cancel"),
    route("analyses/<int:pk>/accept", AcceptView.as_view(), "api-analysis-accept"),
    route("analyses/<int:pk>/reject", RejectView.as_view(), "api-analysis-reject"),
]
