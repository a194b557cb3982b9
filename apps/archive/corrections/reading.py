"""What is corrected and what was before, for those who look at it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import attributes as index
from apps.archive.corrections import reach
from apps.archive.corrections.fields import LABELS, text_of
from apps.archive.models import Correction, Patient, Study
from apps.dicom.values import Element


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute of a correction, as people read it."""

    tag: str
    label: str
    before: str
    after: str


def stored_of(study: Study) -> dict[str, Element]:
    """What the study says now, as its answer to a search has it: DICOM JSON."""
    return index.unpack(Study.objects.values_list("found", flat=True).get(pk=study.pk))


def changes(made: Correction) -> Iterator[Change]:
    """The attributes of an edit."""
    for tag, element in sorted(made.changes.items()):
        yield Change(tag, LABELS.get(tag, tag), text_of(made.previous.get(tag)), text_of(element))


def of_patient(principal: Principal, pk: int) -> QuerySet[Correction]:
    """A patient's corrections, undone ones too, newest first: for those who may correct. Raises NotFound, Refused."""
    patient = reach.patient(principal, pk, Permission.EDIT, Permission.MERGE)
    return _related(Q(patient__in=[patient]) | Q(into=patient) | Q(study__patient=patient))


def of_study(principal: Principal, uid: str) -> QuerySet[Correction]:
    """A study's corrections and those of its patient, newest first. Raises NotFound, Refused."""
    study = reach.study(principal, uid, Permission.EDIT, Permission.MERGE)
    reach.patient(principal, study.patient_id, Permission.EDIT, Permission.MERGE)
    people: Iterable[int | None] = (study.patient_id, study.original_patient_id)
    about_all = Q(patient__in=[pk for pk in people if pk], study=None)
    return _related(Q(study=study) | about_all)


def merged_into(patient: Patient) -> QuerySet[Correction]:
    """The standing merges into a patient."""
    return _related(Q(into=patient, kind=Correction.Kind.MERGE, undone_at=None))


def _related(condition: Q) -> QuerySet[Correction]:
    rows = Correction.objects.filter(condition).distinct().order_by("-pk")
    return rows.select_related("patient", "into", "study").defer("study__found", "study__original_found")
