"""Deleting what is stored: the rows in one transaction that is on record, then the files.

A kill between the two leaves files that no row names, and the intent by which the next start removes them.
"""

from typing import Final

from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import attributes as index
from apps.archive import events, metadata
from apps.archive import statements as sql
from apps.archive.corrections import people
from apps.archive.growing import modalities_text, with_series_count, with_study_counts
from apps.archive.models import Instance, Series, Study
from apps.archive.rights import denied
from apps.archive.shelving import site_writer
from apps.archive.storage import staging
from apps.audit import patients
from apps.audit.models import Event
from apps.audit.record import tell
from apps.core.errors import Conflict, NotFound
from apps.saying import say

KEPT: Final = say("Reports have been written about this study. Discard the drafts; what is signed keeps its study.")


def delete_study(principal: Principal, study_uid: str, *, way: str = "DELETE", version: int | None = None) -> int:
    """Delete a study, with `version` only as it was in that; gives how many instances it had.

    Raises NotFound, Refused without the permission, and Conflict for one that has another version by now.
    """
    return _delete(principal, study_uid, {}, way, version)


def delete_series(principal: Principal, study_uid: str, series_uid: str, *, way: str = "DELETE") -> int:
    """Delete a series, and its study when nothing is left of it. Raises NotFound."""
    return _delete(principal, study_uid, {"series__series_instance_uid": series_uid}, way)


def delete_instance(principal: Principal, study_uid: str, series_uid: str, sop_uid: str, *, way: str = "DELETE") -> int:
    """Delete an instance, and its series and study when nothing is left of them. Raises NotFound."""
    which = {"series__series_instance_uid": series_uid, "sop_instance_uid": sop_uid}
    return _delete(principal, study_uid, which, way)


def _delete(principal: Principal, study_uid: str, which: dict[str, str], way: str, version: int | None = None) -> int:
    study = _study(principal, study_uid)
    doomed = Instance.objects.visible_to(principal, Permission.DELETE).filter(series__study=study, **which)
    with staging().kept([]) as kept, site_writer(), transaction.atomic(), connection.cursor() as cursor:
        sql.lock_study(cursor, study.practice_id, study_uid)
        _check_version(study, version)
        keys = list(doomed.values_list("file_key", flat=True))
        if not keys:
            raise NotFound(say("There is no such study, series or instance."))
        kept.drop(keys)
        patient = patients.pseudonym(study.practice_id, study.patient.identity)
        series_pks = list(doomed.order_by().values_list("series_id", flat=True).distinct())
        # What refers to an instance goes with it, so that the rows are read: but not their headers.
        doomed.order_by().only("pk").delete()
        _settle_series(series_pks)
        _settle_study(study.pk)
        _tell(principal, study, patient, len(keys), way)
    metadata.forget("series", series_pks)
    metadata.forget("study", [study.pk])
    events.deleted.send_robust(
        sender=_delete, practice_id=study.practice_id, study_instance_uid=study_uid, count=len(keys)
    )
    return len(keys)


def _check_version(study: Study, version: int | None) -> None:
    """Under the study's lock, so that it stays so. Raises Conflict."""
    if version is not None and not Study.objects.filter(pk=study.pk, version=version).exists():
        raise Conflict(say("The study has changed since it was looked at."))


def _study(principal: Principal, study_uid: str) -> Study:
    """The study that the caller may delete; the active practice's, where several have it."""
    rows = Study.objects.visible_to(principal, Permission.DELETE).filter(study_instance_uid=study_uid)
    found = list(rows.order_by("practice_id"))
    if not found:
        raise denied(principal, Permission.DELETE, study_uid)
    return next((study for study in found if study.practice_id == principal.practice_id), found[0])


def _settle_series(series_pks: list[int]) -> None:
    """Delete series without instances, and bring the others' counts and answers up to date."""
    for series in Series.objects.filter(pk__in=series_pks):
        sizes = list(series.instances.values_list("size", flat=True))
        if not sizes:
            series.delete()
            continue
        series.instance_count, series.size = len(sizes), sum(sizes)
        series.version += 1
        series.updated_at = timezone.now()
        series.found = index.pack(with_series_count(index.unpack(series.found), len(sizes)))
        series.save()


def _settle_study(study_pk: int) -> None:
    """The same for their study; a patient without studies goes with its last one."""
    study = Study.objects.get(pk=study_pk)
    series = list(study.series.values_list("modality", "instance_count", "size"))
    if not series:
        _delete_row(study)
        people.forget_unused([study.patient_id, study.original_patient_id])
        return
    study.modalities = modalities_text({modality for modality, _, _ in series if modality})
    study.series_count, study.instance_count = len(series), sum(count for _, count, _ in series)
    study.size = sum(size for _, _, size in series)
    study.version += 1
    study.updated_at = timezone.now()
    counts = study.modalities, study.series_count, study.instance_count
    study.found = index.pack(with_study_counts(index.unpack(study.found), *counts))
    if study.correction:
        study.original_found = index.pack(with_study_counts(index.unpack(study.original_found), *counts))
    study.save()


def _delete_row(study: Study) -> None:
    """Raises Conflict for a study that something hangs on that must be kept."""
    try:
        study.delete()
    except ProtectedError as error:
        raise Conflict(KEPT) from error


def _tell(principal: Principal, study: Study, patient: str, count: int, way: str) -> None:
    """PS3.15 A.5.3.7: deletion is on record, and stays there when the study is gone."""
    tell(
        Event.Action.DELETE,
        principal=principal,
        practice_id=study.practice_id,
        source=way,
        study_instance_uid=study.study_instance_uid,
        patient=patient,
        count=count,
    )
