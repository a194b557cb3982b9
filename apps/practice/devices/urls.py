"""The addresses by which practice management asks other archives, below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.devices.api import DeviceImportView, DeviceQueryView

urlpatterns: Final[list[URLPattern]] = [
    route("dental/dicom/query", DeviceQueryView.as_view(), "api-dental-query"),
    route("dental/dicom/import", DeviceImportView.as_view(), "api-dental-import"),
]
