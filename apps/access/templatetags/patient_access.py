"""Patient access on the pages of a patient and a study."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.access import people
from apps.access.models import Invitation
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Patient, Study

register = template.Library()

NEWEST = 20


@register.inclusion_tag("admin/access/of_patient.html", takes_context=True)
def patient_access(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """Who is assigned to the patient and which relatives are invited, for who decides about either."""
    request = context["request"]
    who = _who(context)
    may_assign = who.may_in_all_of(Permission.ADMINISTER, patient.practice_id)
    may_invite = who.may_in(Permission.SHARE, patient.practice_id)
    assignments = patient.assignments.select_related("user", "assigned_by", "ended_by")[:NEWEST] if may_assign else ()
    invitations = Invitation.objects.visible_to(who).filter(patient=patient)[:NEWEST] if may_invite else ()
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "patient": patient,
        "may_assign": may_assign,
        "may_invite": may_invite,
        "assignments": assignments,
        "invitations": invitations,
        "colleagues": people.colleagues(patient.practice_id).order_by("username") if may_assign else (),
    }


@register.simple_tag(takes_context=True)
def invite_button(context: dict[str, Any], study: Study) -> SafeString:
    """The way from a study to an invitation, for who may share in its practice."""
    if not _who(context).may_in(Permission.SHARE, study.practice_id):
        return SafeString("")
    page = reverse("admin:access_invitation_invite", args=[study.patient_id])
    button = '<a class="fovea-button" href="{}?study={}">{}</a>'
    return format_html(button, page, study.study_instance_uid, gettext("Invite a relative"))


def _who(context: dict[str, Any]) -> Principal:
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal

    return principal(context["request"])
