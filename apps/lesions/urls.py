"""The addresses of lesions below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.lesions.api.views import AssessmentView, JoinLesionView, LesionFindingView, LesionsView, LesionView

urlpatterns: Final[list[URLPattern]] = [
    route("lesions", LesionsView.as_view(), "api-lesions"),
    route("lesions/assessment", AssessmentView.as_view(), "api-lesion-assessment"),
    route("lesions/<int:pk>", LesionView.as_view(), "api-lesion"),
    route("lesions/<int:pk>/join", JoinLesionView.as_view(), "api-lesion-join"),
    route("lesions/<int:pk>/findings/<str:uid>", LesionFindingView.as_view(), "api-lesion-finding"),
]
