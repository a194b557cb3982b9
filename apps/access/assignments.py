"""Doctors assigned to patients: what a grant of the scope "patients" reaches, with its history."""

from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.access import people
from apps.accounts import authentication
from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal, principal_of
from apps.archive.models import Assignment, Patient
from apps.audit.patients import pseudonym
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, NotFound
from apps.core.languages import in_english
from apps.saying import say

Origin = Assignment.Origin

NO_PATIENT: Final = say("There is no such patient.")
NO_ASSIGNMENT: Final = say("There is no such assignment.")


def assign(
    who: Principal, patient: Patient, user: User, *, origin: Assignment.Origin = Origin.HAND, reason: str = ""
) -> Assignment:
    """Assign the user to the patient; one who is assigned already stays so, as they were.

    `who` acts: an administrator of the practice, or a part of the server. Raises NotFound for a patient that they don't
    administer, Conflict for a user who doesn't work in the practice.
    """
    if not Patient.objects.visible_to(who, Permission.ADMINISTER).filter(pk=patient.pk).exists():
        raise NotFound(NO_PATIENT)
    if not people.colleagues(patient.practice_id).filter(pk=user.pk).exists():
        raise Conflict(say("{user} does not work in this practice. Give them a right in it first.", user=user))
    with transaction.atomic():
        row, is_new = Assignment.objects.get_or_create(
            patient=patient,
            user=user,
            until=None,
            defaults={"origin": origin, "assigned_by_id": who.user_id or None, "reason": reason},
        )
        if is_new:
            _tell(who, row, f"assigned ({in_english(Assignment.Origin(row.origin).label).lower()})", reason)
    authentication.forget_all()
    return row


def end(who: Principal, pk: int, *, reason: str = "") -> Assignment:
    """End an assignment; it stays as history. Raises NotFound, and Conflict for one that has ended."""
    with transaction.atomic():
        row = Assignment.objects.select_for_update(of=("self",)).select_related("patient", "user").filter(pk=pk).first()
        if row is None or not who.may_in_all_of(Permission.ADMINISTER, row.patient.practice_id):
            raise NotFound(NO_ASSIGNMENT)
        if row.until is not None:
            raise Conflict(say("This assignment has ended already."))
        row.until, row.ended_by_id, row.end_reason = timezone.now(), who.user_id or None, reason
        row.save(update_fields=["until", "ended_by", "end_reason"])
        _tell(who, row, "assignment ended", reason)
    authentication.forget_all()
    return row


def visible_to(who: Principal | User) -> QuerySet[Assignment]:
    """The caller's own assignments, and all of the practices where they decide on rights; the newest first."""
    principal = principal_of(who)
    rows = Assignment.objects.select_related("patient", "user", "assigned_by", "ended_by")
    if principal is None:
        return rows.none()
    whole = principal.whole(Permission.ADMINISTER)
    if whole is None:
        return rows
    own = rows.filter(user=principal.user_id, patient__practice__in=principal.practice_ids)
    return own | rows.filter(patient__practice__in=whole)


def _tell(who: Principal, row: Assignment, what: str, reason: str) -> None:
    practice_id = row.patient.practice_id
    tell(
        Action.RIGHTS,
        principal=who,
        practice_id=practice_id,
        patient=pseudonym(practice_id, row.patient.identity),
        detail=f"{row.user.username} {what}",
        reason=reason,
    )
