"""Where each address leads."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/viewer/")),
    path("viewer", RedirectView.as_view(url="/viewer/", query_string=True)),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("accounts/", include("apps.accounts.urls")),
    path("admin/", admin.site.urls),
    path("viewer/", include("apps.viewer.urls")),
    path("api/", include("config.api")),
    path("", include("apps.dicomweb.urls")),
    path("", include("apps.ops.urls")),
]
