"""The addresses of Orthancs below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.orthancs.api import (
    OrthancNoticesView,
    OrthancSecretView,
    OrthancsView,
    OrthancTestView,
    OrthancView,
)
from apps.practice.orthancs.hook_api import ReceiveView, WebhookView

urlpatterns: Final[list[URLPattern]] = [
    route("orthancs", OrthancsView.as_view(), "api-orthancs"),
    route("orthancs/<int:pk>", OrthancView.as_view(), "api-orthanc"),
    route("orthancs/<int:pk>/test", OrthancTestView.as_view(), "api-orthanc-test"),
    route("orthancs/<int:pk>/secret", OrthancSecretView.as_view(), "api-orthanc-secret"),
    route("orthancs/<int:pk>/notices", OrthancNoticesView.as_view(), "api-orthanc-notices"),
    # What an Orthanc calls.
    route("dental/dicom/webhook", WebhookView.as_view(), "api-orthanc-webhook"),
    route("dental/dicom/receive", ReceiveView.as_view(), "api-orthanc-receive"),
]
