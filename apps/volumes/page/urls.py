"""Pages under /volumes/."""

from typing import Final

from django.urls import URLPattern, path

from apps.volumes.page.views import PanoramicView

urlpatterns: Final[list[URLPattern]] = [
    path("<int:pk>/panoramic/", PanoramicView.as_view(), name="volume-panoramic"),
]
