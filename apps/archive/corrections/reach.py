"""Who may correct what: a patient's data are those of all their studies, so all of these must be in reach."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import statements as sql
from apps.archive.models import Patient, Study
from apps.archive.rights import denied
from apps.archive.shelving import site_writer
from apps.core.errors import Invalid, NotFound, Refused, Unavailable
from apps.saying import say

NO_PATIENT = say("There is no such patient.")
MAX_REASON = 250
MAX_STUDIES = 5_000


def patient(principal: Principal, pk: int, *permissions: Permission) -> Patient:
    """The patient, in all of whose studies the principal has one of these permissions. Raises NotFound, Refused."""
    found = Patient.objects.visible_to(principal, Permission.VIEW).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_PATIENT)
    if not any(_reaches_all(principal, found, permission) for permission in permissions):
        raise Refused(say("You may look at this patient, but not correct what all of their studies say."))
    return found


def study(principal: Principal, uid: str, *permissions: Permission) -> Study:
    """The study, with one of these permissions; of several practices' copies the active one's.

    Raises NotFound, Refused.
    """
    for permission in permissions:
        rows = Study.objects.visible_to(principal, permission).filter(study_instance_uid=uid)
        found = list(rows.defer("found").order_by("practice_id"))
        if found:
            return next((each for each in found if each.practice_id == principal.practice_id), found[0])
    raise denied(principal, permissions[0], uid)


def why(reason: str) -> str:
    """The reason, which every correction needs. Raises Invalid."""
    text = " ".join(reason.split())
    if not text or len(text) > MAX_REASON:
        raise Invalid(say("Say why, in up to {max_reason} characters.", max_reason=MAX_REASON))
    return text


@contextmanager
def writing(practice_id: int, studies: Iterable[str], patients: Iterable[int]) -> Iterator[dict[int, Patient]]:
    """A transaction that holds these studies and patients: nothing is stored or corrected beside it.

    Gives the patients as they are now, by key. Raises NotFound where one is gone.
    """
    held, wanted = sorted(set(studies)), sorted(set(patients))
    if len(held) > MAX_STUDIES:
        raise Unavailable(say("More than {max_studies} studies would change at once.", max_studies=MAX_STUDIES))
    with site_writer(), transaction.atomic(), connection.cursor() as cursor:
        for uid in held:
            sql.lock_study(cursor, practice_id, uid)
        rows = Patient.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
        known = {row.pk: row for row in rows}
        if len(known) < len(wanted):
            raise NotFound(NO_PATIENT)
        yield known


def studies_of(*patients: Patient) -> list[str]:
    """The UIDs of the studies that are these patients' now."""
    return list(Study.objects.filter(patient__in=patients).order_by().values_list("study_instance_uid", flat=True))


def _reaches_all(principal: Principal, patient: Patient, permission: Permission) -> bool:
    if principal.may_in_all_of(permission, patient.practice_id):
        return True
    own = Study.objects.filter(patient=patient).order_by()
    reached = Study.objects.visible_to(principal, permission).filter(patient=patient).order_by()
    return own.exists() and not own.exclude(pk__in=reached.values("pk")).exists()
