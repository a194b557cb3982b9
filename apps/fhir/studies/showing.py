"""ImagingStudies as they are shown, many at once."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Series, Study
from apps.dicom.spoken import spoken_name
from apps.fhir.datatypes import Json, reference
from apps.fhir.patients.ids import IMAGES, KIND, LEAD
from apps.fhir.patients.showing import lead_keys
from apps.fhir.studies.endpoints import DICOMWEB
from apps.fhir.studies.mapping import of_study
from apps.worklist.models import ScheduledStep

HEAVY = ("found", "correction", "original_found")


def rows(who: Principal, permission: Permission) -> QuerySet[Study]:
    """The studies in sight."""
    return Study.objects.visible_to(who, permission).defer(*HEAVY)


def show(who: Principal, studies: Sequence[Study]) -> list[Json]:
    """Their resources, in three queries for all of them."""
    series: defaultdict[int, list[Series]] = defaultdict(list)
    for each in Series.objects.filter(study__in=studies).defer("found"):
        series[each.study_id].append(each)
    steps: defaultdict[int, list[int]] = defaultdict(list)
    planned = ScheduledStep.objects.visible_to(who).filter(study__in=studies).order_by("pk")
    for study_pk, pk in planned.values_list("study_id", "pk"):
        steps[study_pk].append(pk)
    leads = lead_keys(who, [study.pk for study in studies])
    return [
        of_study(study, series[study.pk], subject_of(study, leads.get(study.pk)), steps[study.pk], DICOMWEB)
        for study in studies
    ]


def subject_of(study: Study, lead: tuple[int, str] | None) -> Json:
    """A Reference to whose study it is: the lead, by key and name, else whom the images show."""
    if lead:
        return reference(KIND, f"{LEAD}{lead[0]}", lead[1])
    return reference(KIND, f"{IMAGES}{study.patient_id}", spoken_name(study.patient_name))
