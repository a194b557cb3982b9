"""Addresses of notifications in the REST API."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.notifications import api, practice_api

urlpatterns: list[URLPattern] = [
    route("notifications", api.NotificationsView.as_view(), "api-notifications"),
    route("notifications/seen", api.SeenView.as_view(), "api-notifications-seen"),
    route("notifications/preferences", api.PreferencesView.as_view(), "api-notification-preferences"),
    route("notifications/contacts", api.ContactsView.as_view(), "api-notification-contacts"),
    route("notifications/contacts/<int:pk>", api.ContactView.as_view(), "api-notification-contact"),
    route("notifications/contacts/<int:pk>/test", api.ContactTestView.as_view(), "api-notification-contact-test"),
    route("notifications/policy", practice_api.PolicyView.as_view(), "api-notification-policy"),
    route("notifications/devices", practice_api.WatchesView.as_view(), "api-notification-devices"),
    route("notifications/devices/<int:pk>", practice_api.WatchView.as_view(), "api-notification-device"),
]
