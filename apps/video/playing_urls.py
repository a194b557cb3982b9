"""The addresses of posters and strips below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.video.playing_api import PosterView, StripImageView, StripView

urlpatterns: Final[list[URLPattern]] = [
    route("instances/<str:uid>/poster", PosterView.as_view(), "api-instance-poster"),
    route("instances/<str:uid>/strip", StripView.as_view(), "api-instance-strip"),
    route("instances/<str:uid>/strip.jpg", StripImageView.as_view(), "api-instance-strip-image"),
]
