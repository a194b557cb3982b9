"""The addresses of pictures and parts of stored videos below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.video.frames.api import ClipsView, StillsView

urlpatterns: Final[list[URLPattern]] = [
    route("instances/<str:uid>/stills", StillsView.as_view(), "api-instance-stills"),
    route("instances/<str:uid>/clips", ClipsView.as_view(), "api-instance-clips"),
]
