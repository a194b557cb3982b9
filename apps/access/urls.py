"""Pages under /access/: one's own access, and what a link of an invitation leads to."""

from django.urls import path

from apps.access import entrance, views

urlpatterns = [
    path("", views.OverviewView.as_view(), name="access"),
    path("request/", views.AskView.as_view(), name="access-request"),
    path("emergency/", views.EmergencyView.as_view(), name="access-emergency"),
    path("emergencies/<int:pk>/end/", views.EndEmergencyView.as_view(), name="access-emergency-end"),
    path("invitations/<int:pk>/code/", entrance.CodeView.as_view(), name="access-code"),
    path("invitation/<str:link>/", entrance.InvitationView.as_view(), name="access-invitation"),
]
