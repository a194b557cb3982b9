"""The addresses of segmentations below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.segmentation.api.segmenters import SegmentersView
from apps.segmentation.api.views import SegmentationsView, SegmentationView

urlpatterns: Final[list[URLPattern]] = [
    route("segmenters", SegmentersView.as_view(), "api-segmenters"),
    route("segmentations", SegmentationsView.as_view(), "api-segmentations"),
    route("segmentations/<int:pk>", SegmentationView.as_view(), "api-segmentation"),
]
