"""What people type into the search box above the studies and patients."""

from typing import Final

from django.db.models import Q

from apps.archive.models import Instance, Series
from apps.dicom.names import fold
from apps.dicom.uids import is_valid_uid

WORDS: Final = 8
LENGTH: Final = 200


def words(text: str) -> list[str]:
    """The words to look for, folded as names are; `Doe, Jane` and `doe^jane` are the same two."""
    return fold(text[:LENGTH]).replace(",", " ").replace("^", " ").split()[:WORDS]


def studies(text: str) -> Q:
    """Studies that have every word in a name, Patient ID, accession number or description; or that have this UID."""
    if "." in text and is_valid_uid(text.strip()):
        return _by_uid(text.strip())
    condition = Q()
    for word in words(text):
        condition &= (
            Q(patient_name_key__contains=word)
            | Q(patient_name_other_keys__contains=word)
            | Q(patient_identifier__icontains=word)
            | Q(accession_number__icontains=word)
            | Q(study_description_key__contains=word)
        )
    return condition


def patients(text: str) -> Q:
    """Patients that have every word in their name or Patient ID."""
    condition = Q()
    for word in words(text):
        condition &= Q(name_key__contains=word) | Q(patient_id__icontains=word)
    return condition


def _by_uid(uid: str) -> Q:
    """Of a study, or of a series or an instance in it. The studies that this narrows are the visible ones."""
    series = Series.objects.filter(series_instance_uid=uid)
    instances = Instance.objects.filter(sop_instance_uid=uid)
    return (
        Q(study_instance_uid=uid)
        | Q(pk__in=series.order_by().values("study_id"))
        | Q(pk__in=instances.order_by().values("series__study_id"))
        | Q(patient_identifier=uid)
        | Q(accession_number=uid)
    )
