"""Where patient access is in the REST API, for config/api.py."""

from django.urls import URLPattern

from apps.access.api import assignments, emergencies, invitations, requests
from apps.core.routes import route

urlpatterns: list[URLPattern] = [
    route("assignments", assignments.AssignmentsView.as_view(), "api-assignments"),
    route("assignments/<int:pk>/end", assignments.EndAssignmentView.as_view(), "api-assignment-end"),
    route("physician-names", assignments.PhysicianNamesView.as_view(), "api-physician-names"),
    route("physician-names/<int:pk>", assignments.PhysicianNameView.as_view(), "api-physician-name"),
    route("invitations", invitations.InvitationsView.as_view(), "api-invitations"),
    route("invitations/<int:pk>", invitations.InvitationView.as_view(), "api-invitation"),
    route("invitations/<int:pk>/code", invitations.InvitationCodeView.as_view(), "api-invitation-code"),
    route("invitations/<int:pk>/accept", invitations.AcceptInvitationView.as_view(), "api-invitation-accept"),
    route("invitations/<int:pk>/refuse", invitations.RefuseInvitationView.as_view(), "api-invitation-refuse"),
    route("invitations/<int:pk>/revoke", invitations.RevokeInvitationView.as_view(), "api-invitation-revoke"),
    route("access-requests", requests.AccessRequestsView.as_view(), "api-access-requests"),
    route("access-requests/<int:pk>/approve", requests.ApproveView.as_view(), "api-access-request-approve"),
    route("access-requests/<int:pk>/refuse", requests.RefuseView.as_view(), "api-access-request-refuse"),
    route("emergencies", emergencies.EmergenciesView.as_view(), "api-emergencies"),
    route("emergencies/<int:pk>/end", emergencies.EndEmergencyView.as_view(), "api-emergency-end"),
    route("emergencies/<int:pk>/review", emergencies.ReviewEmergencyView.as_view(), "api-emergency-review"),
]
