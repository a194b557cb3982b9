"""Pages under /notifications/."""

from django.urls import path

from apps.notifications import pages

urlpatterns = [
    path("", pages.SettingsView.as_view(), name="notifications"),
    path("contacts/", pages.AddContactView.as_view(), name="notifications-contact-add"),
    path("contacts/<int:pk>/remove/", pages.RemoveContactView.as_view(), name="notifications-contact-remove"),
    path("contacts/<int:pk>/test/", pages.TestContactView.as_view(), name="notifications-contact-test"),
    path("stop/<str:token>/", pages.StopView.as_view(), name="notifications-stop"),
]
