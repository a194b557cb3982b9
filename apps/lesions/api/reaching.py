"""Lesions as their callers reach them: up to what reports say now, and like absent where they may not look."""

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Patient, Study
from apps.archive.rights import NO_SUCH
from apps.core.errors import Conflict, NotFound, Refused
from apps.lesions.history import History, Visit, history_of
from apps.lesions.models import Lesion
from apps.lesions.taking import take_over
from apps.measurements.api.reaching import patient_of, read_now
from apps.saying import say


def lesions_of(who: Principal, patient: Patient) -> list[Lesion]:
    """Those first recorded in a study that the caller sees, once reports that have come are read."""
    read_now(who, {"study__patient": patient.pk})
    take_over(patient)
    return list(Lesion.objects.with_findings().visible_to(who).filter(study__patient=patient).order_by("pk"))


def seen_studies(who: Principal, patient: Patient) -> set[int]:
    """The keys of the patient's studies that the caller sees."""
    return set(Study.objects.visible_to(who, Permission.VIEW).filter(patient=patient).values_list("pk", flat=True))


def whose(who: Principal, wanted: dict[str, object]) -> Patient:
    """The patient asked about by number or by study. Raises NotFound."""
    patient = wanted.get("patient")
    return patient_of(who, patient) if isinstance(patient, int) else study_of(who, str(wanted["study"])).patient


def study_of(who: Principal, uid: str) -> Study:
    """The study of this UID, the active practice's of several. Raises NotFound."""
    rows = Study.objects.visible_to(who, Permission.VIEW).select_related("patient").defer("found", "original_found")
    found = list(rows.filter(study_instance_uid=uid).order_by("practice_id"))
    if not found:
        raise NotFound(NO_SUCH)
    return next((study for study in found if study.practice_id == who.practice_id), found[0])


def assessed(who: Principal, study: Study) -> tuple[History, Visit]:
    """The patient's history, and this study's visit.

    Raises Conflict where the study has no assessment, and Refused where it goes by studies that the caller doesn't see.
    """
    lesions_of(who, study.patient)
    history = history_of(study.patient)
    visit = history.visit_of(study)
    if visit is None:
        raise Conflict(
            say("This study has no assessment: say how the lesions of baseline were found in it (POST /api/lesions).")
        )
    if not {each.study.pk for each in history.visits} <= seen_studies(who, study.patient):
        raise Refused(say("The assessment goes by other studies of the patient, which you may not look at."))
    return history, visit
