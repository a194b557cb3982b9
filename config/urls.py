"""Where each address leads."""

from allauth.account.views import LogoutView
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts import account

urlpatterns = [
    path("", RedirectView.as_view(url="/viewer/")),
    path("viewer", RedirectView.as_view(url="/viewer/", query_string=True)),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("accounts", RedirectView.as_view(url="/accounts/")),
    path("accounts/", include("apps.accounts.urls")),
    # There is one page to sign in and one way out.
    path("admin/login/", account.admin_sign_in),
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(url="/accounts/password/change/")),
    path("admin/", admin.site.urls),
    path("viewer/", include("apps.viewer.urls")),
    path("access", RedirectView.as_view(url="/access/")),
    path("access/", include("apps.access.urls")),
    path("notifications", RedirectView.as_view(url="/notifications/")),
    path("notifications/", include("apps.notifications.urls")),
    path("volumes/", include("apps.volumes.page.urls")),
    path("reports", RedirectView.as_view(pattern_name="admin:reports_studytoreport_changelist")),
    path("reports/", RedirectView.as_view(pattern_name="admin:reports_studytoreport_changelist")),
    path("reports/", include("apps.reports.page.urls")),
    path("s/", include("apps.sharing.urls")),
    path("api", RedirectView.as_view(url="/api/")),
    path("api/", include("config.api")),
    path("", include("apps.dicomweb.urls")),
    path("", include("apps.ops.urls")),
]
