"""The addresses of recordings below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.video.live.api import RecordingStopView, RecordingsView, RecordingView

urlpatterns: Final[list[URLPattern]] = [
    route("videos/recordings", RecordingsView.as_view(), "api-video-recordings"),
    route("videos/recordings/<int:pk>", RecordingView.as_view(), "api-video-recording"),
    route("videos/recordings/<int:pk>/stop", RecordingStopView.as_view(), "api-video-recording-stop"),
]
