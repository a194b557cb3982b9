"""What in a practice is meant by a Study Instance UID, an accession number or a Patient ID."""

from typing import Final

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from apps.access.models import Kind
from apps.archive.models import Patient, Study

MOST_STUDIES: Final = 50
MOST_PATIENTS: Final = 20


def studies(practice_id: int, kind: str, value: str) -> QuerySet[Study]:
    """The practice's studies that are meant, the newest first, whoever asks."""
    rows = Study.objects.filter(practice=practice_id).defer("found")
    if kind == Kind.STUDY:
        return rows.filter(study_instance_uid=value)
    if kind == Kind.ACCESSION:
        return rows.filter(accession_number=value)
    return rows.filter(patient__in=patients(practice_id, kind, value))


def patients(practice_id: int, kind: str, value: str, birth_date: str = "") -> QuerySet[Patient]:
    """The patients whose studies these are. By Patient ID, with `birth_date` (YYYYMMDD) those who were born then.

    One who has been merged stands for whom they count as now.
    """
    rows = Patient.objects.filter(practice=practice_id)
    if kind != Kind.PATIENT:
        return rows.filter(pk__in=studies(practice_id, kind, value).order_by().values("patient"))
    found = rows.filter(patient_id=value, **({"birth_date": birth_date} if birth_date else {}))
    return rows.filter(pk__in=found.order_by().values(now=Coalesce("root", "pk")))
