"""The addresses of X-rays below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.xrays.api import XraysView, XrayView

urlpatterns: Final[list[URLPattern]] = [
    route("dental/xrays", XraysView.as_view(), "api-dental-xrays"),
    route("dental/xrays/<int:pk>", XrayView.as_view(), "api-dental-xray"),
]
