"""Patient access in the admin: who was let in to what, and what waits for a decision."""

from apps.access.admin.assignments import AssignmentAdmin
from apps.access.admin.emergencies import EmergencyAdmin
from apps.access.admin.invitations import InvitationAdmin
from apps.access.admin.physicians import PhysicianNameAdmin
from apps.access.admin.requests import AccessRequestAdmin

__all__ = ["AccessRequestAdmin", "AssignmentAdmin", "EmergencyAdmin", "InvitationAdmin", "PhysicianNameAdmin"]
