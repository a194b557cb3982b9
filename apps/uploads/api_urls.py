"""The addresses of uploads and of the room for them."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.uploads.resumable.api import UploadsView, UploadView
from apps.uploads.storage_api import QuotaView, StorageView

urlpatterns: list[URLPattern] = [
    route("uploads", UploadsView.as_view(), "api-uploads"),
    route("uploads/<str:upload>", UploadView.as_view(), "api-upload"),
    route("storage", StorageView.as_view(), "api-storage"),
    route("storage/<int:practice>", QuotaView.as_view(), "api-storage-quota"),
]
