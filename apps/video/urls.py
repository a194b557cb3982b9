"""The addresses of films below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.video.api import (
    VideoCancelView,
    VideoMasksView,
    VideoMaskView,
    VideoPolicyView,
    VideoRetryView,
    VideosView,
    VideoView,
)
from apps.video.cameras.urls import urlpatterns as cameras
from apps.video.frames.urls import urlpatterns as frames
from apps.video.live.urls import urlpatterns as live
from apps.video.playing_urls import urlpatterns as playing

urlpatterns: Final[list[URLPattern]] = [
    route("videos", VideosView.as_view(), "api-videos"),
    route("videos/policy", VideoPolicyView.as_view(), "api-video-policy"),
    route("videos/masks", VideoMasksView.as_view(), "api-video-masks"),
    route("videos/masks/<int:pk>", VideoMaskView.as_view(), "api-video-mask"),
    route("videos/<int:pk>", VideoView.as_view(), "api-video"),
    route("videos/<int:pk>/cancel", VideoCancelView.as_view(), "api-video-cancel"),
    route("videos/<int:pk>/retry", VideoRetryView.as_view(), "api-video-retry"),
    *playing,
    *live,
    *cameras,
    *frames,
]
