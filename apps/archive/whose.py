"""Whose studies these are, for the record, which knows patients by pseudonyms alone (apps.audit.patients)."""

from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Final

from django.db import connection

from apps.accounts.models import Practice
from apps.archive.attributes import identity_of
from apps.archive.models import Patient, Study
from apps.archive.statements import marks

Place = tuple[int, str]

# Of one patient; nobody has as many.
MOST_STUDIES: Final = 500
# Plain SQL: a store asks, within its transaction.
IDENTITIES: Final = (
    "SELECT t.study_instance_uid, p.identity FROM archive_study t JOIN archive_patient p ON p.id = t.patient_id"
    " WHERE t.practice_id = %s AND t.study_instance_uid IN ({})"
)


def patients_of(studies: Collection[Place]) -> Mapping[Place, str]:
    """The identities of the studies' patients, by practice and Study Instance UID."""
    found: dict[Place, str] = {}
    with connection.cursor() as cursor:
        for practice_id, places in groupby(sorted(studies), key=lambda place: place[0]):
            uids = [uid for _, uid in places]
            cursor.execute(IDENTITIES.format(marks(len(uids))), [practice_id, *uids])
            found |= {(practice_id, uid): identity for uid, identity in cursor.fetchall()}
    return found


def identities(patient_id: str) -> Collection[Place]:
    """Those of patients with this Patient ID, and what one without an issuer would have who is gone."""
    there = Patient.objects.filter(patient_id=patient_id).values_list("practice_id", "identity")
    gone = identity_of("", patient_id)
    return {*there, *((practice, gone) for practice in Practice.objects.values_list("pk", flat=True))}


def studies_of(patient_id: str) -> Collection[str]:
    """Study Instance UIDs of this patient, some hundreds at most."""
    mine = Study.objects.filter(patient__patient_id=patient_id).order_by("-id")
    return set(mine.values_list("study_instance_uid", flat=True)[:MOST_STUDIES])
