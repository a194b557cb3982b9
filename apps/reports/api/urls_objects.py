"""The addresses of images for reports."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.images import ImagesView, KeyImageView

urlpatterns: list[URLPattern] = [
    route("reports/<int:pk>/images", ImagesView.as_view(), "api-report-images"),
    route("reports/<int:pk>/key-images/<int:place>", KeyImageView.as_view(), "api-report-key-image"),
]
