"""The addresses of procedures of several cameras below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.video.cameras.api import ProceduresView, ProcedureView

urlpatterns: Final[list[URLPattern]] = [
    route("videos/procedures", ProceduresView.as_view(), "api-video-procedures"),
    route("videos/procedures/<int:pk>", ProcedureView.as_view(), "api-video-procedure"),
]
