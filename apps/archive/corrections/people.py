"""Patients' rows under corrections: what their columns say, whom they count as, and when they are no longer needed."""

from collections.abc import Iterable

import orjson
from django.db.models import Q

from apps.archive import attributes as index
from apps.archive.corrections import plan
from apps.archive.models import Correction, Patient
from apps.core.errors import Conflict
from apps.dicom.values import Element
from apps.saying import say

TAKEN = say("Another patient has this Patient ID: merge the two, or choose another ID.")


def create(practice_id: int, known: dict[str, Element]) -> Patient:
    """A patient of whom nothing is stored yet. Raises Conflict when there is one with the same Patient ID."""
    columns = index.patient_columns(known)
    same = Q(identity=columns.identity) | Q(corrected_identity=columns.identity)
    if Patient.objects.filter(same, practice=practice_id).exists():
        raise Conflict(TAKEN)
    demographics = orjson.dumps(known, option=orjson.OPT_SORT_KEYS)
    fields = {name: getattr(columns, name) for name in columns.__slots__}
    return Patient.objects.create(practice_id=practice_id, demographics=demographics, **fields)


def refresh(patient: Patient) -> None:
    """Write what the standing edits make of the patient. Raises Conflict when that would be somebody else."""
    columns = index.patient_columns(plan.demographics(patient))
    is_other = columns.identity != patient.identity
    if is_other:
        _check_free(patient, columns.identity)
    for name in ("patient_id", "issuer", "name", "name_key", "birth_date", "sex"):
        setattr(patient, name, getattr(columns, name))
    patient.corrected_identity = columns.identity if is_other else ""
    patient.save()
    _part_with_namesakes(patient)


def merge(patient: Patient, into: Patient) -> None:
    """Let the patient, and all who count as them, count as the other one."""
    Patient.objects.filter(Q(pk=patient.pk) | Q(root=patient)).update(root=into)
    Patient.objects.filter(pk=patient.pk).update(merged_into=into)


def part(patient: Patient) -> None:
    """Let the patient count as themselves again, and those who were merged into them as them."""
    Patient.objects.filter(pk=patient.pk).update(merged_into=None, root=None)
    above: list[int] = [patient.pk]
    while above:
        below = list(Patient.objects.filter(merged_into__in=above).values_list("pk", flat=True))
        Patient.objects.filter(pk__in=below).update(root=patient)
        above = below


def forget_unused(pks: Iterable[int | None]) -> None:
    """Delete those of these patients of whom nothing is left: no study, no merge, no history."""
    unused = Patient.objects.filter(studies=None, original_studies=None, merged=None, corrections=None, received=None)
    unused.filter(pk__in=[pk for pk in pks if pk is not None], merged_into=None).delete()


def _check_free(patient: Patient, identity: str) -> None:
    same = Q(identity=identity) | Q(corrected_identity=identity)
    others = Patient.objects.filter(same, practice=patient.practice_id).exclude(pk=patient.pk)
    if others.exclude(root=patient).exists():
        raise Conflict(TAKEN)


def _part_with_namesakes(patient: Patient) -> None:
    """Those who counted as this patient because of a corrected Patient ID no longer do when it is another one."""
    followers = Patient.objects.filter(merged_into=patient).exclude(identity=patient.corrected_identity)
    merged = Correction.objects.standing().filter(kind=Correction.Kind.MERGE, into=patient).values("patient")
    for follower in followers.exclude(pk__in=merged.order_by()):
        part(follower)
