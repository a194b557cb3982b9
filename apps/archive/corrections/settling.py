"""Bringing the index of studies up to date with the corrections that stand: search columns, answers, versions."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from apps.archive import attributes as index
from apps.archive import statements as sql
from apps.archive.corrections import plan
from apps.archive.models import NameKey, Study
from apps.dicom import likeness
from apps.dicom.modifications import Modification, modified, packed


def settle(study_pks: Iterable[int], *, has_grown: bool = False) -> int:
    """Apply what stands to these studies, in the caller's transaction; gives how many are told of in another way now.

    Each starts from what its objects say, so that a correction that was undone leaves no trace in it. `has_grown` says
    that the store has just written what they say.
    """
    return sum(_settle(pk, has_grown) for pk in study_pks)


def _settle(pk: int, has_grown: bool) -> bool:
    study = Study.objects.select_related("patient", "original_patient").get(pk=pk)
    original = study.original_patient or study.patient
    way = plan.way_of(study, original)
    modifications = plan.modifications(study, original, way)
    correction = packed(modifications)
    if not has_grown and correction == bytes(study.correction) and way.patient.pk == study.patient_id:
        return False
    own = bytes(study.original_found) or bytes(study.found)
    answer = _answer(index.unpack(own), modifications)
    searched = index.study_columns(answer)
    columns: dict[str, Any] = searched | {
        "patient": way.patient,
        "original_patient": original if original.pk != way.patient.pk else None,
        "correction": correction,
        "original_found": own if correction else b"",
        "found": index.pack(answer) if correction else own,
        "updated_at": timezone.now(),
    }
    Study.objects.filter(pk=pk).update(**columns, version=F("version") + 1)
    study.series.update(version=F("version") + 1, updated_at=columns["updated_at"])
    _set_name_keys(pk, searched["patient_name_key"] + searched["patient_name_other_keys"])
    return True


def _answer(own: dict[str, Any], modifications: list[Modification]) -> dict[str, Any]:
    """The answer to a search after the modifications."""
    after = modified(own, modifications)
    known = {tag for tag, _, _ in index.STUDY_ANSWER}
    return {tag: own[tag] for tag in own if tag not in known} | index.answer(after, index.STUDY_ANSWER)


def _set_name_keys(study_pk: int, name: str) -> None:
    NameKey.objects.filter(study=study_pk).delete()
    with connection.cursor() as cursor:
        sql.insert_name_keys(cursor, study_pk, sorted(likeness.keys(name)))
