"""The addresses of batches."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.batches.api import BatchView

urlpatterns: list[URLPattern] = [route("dental/xrays/batch", BatchView.as_view(), "api-dental-xrays-batch")]
