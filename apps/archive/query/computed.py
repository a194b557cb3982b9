"""What is counted and gathered for answers only where it is asked for: a patient's studies, a study's SOP classes."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection

from apps.accounts.principal import Principal
from apps.archive.attributes import value
from apps.archive.query.conditions import one_of
from apps.archive.rights import study_sql

PATIENT_COUNTS: Final = ("00201200", "00201202", "00201204")
SOP_CLASSES_IN_STUDY: Final = "00080062"
# Of studies, and so of patients by one of theirs (PS3.4 C.6.1.1.2, C.6.1.1.3).
OF_PATIENT: Final = frozenset(PATIENT_COUNTS)
OF_STUDY: Final = OF_PATIENT | {SOP_CLASSES_IN_STUDY}

Computed = dict[int, dict[str, Any]]


def compute(principal: Principal, tags: Iterable[str], studies: Sequence[int]) -> Computed:
    """These attributes of studies in DICOM JSON, by the studies' keys; of what the principal may see."""
    wanted = frozenset(tags) & OF_STUDY
    found: Computed = {key: {} for key in studies}
    if not studies:
        return found
    if wanted & OF_PATIENT:
        _count(principal, studies, found)
    if SOP_CLASSES_IN_STUDY in wanted:
        _gather(studies, found)
    return found


def _count(principal: Principal, studies: Sequence[int], found: Computed) -> None:
    """Number of Patient Related Studies, Series and Instances."""
    visible, params = study_sql(principal, study="v")
    these = one_of("t.id", studies)
    sql = (
        "SELECT t.id, COUNT(*), SUM(v.series_count), SUM(v.instance_count)"  # noqa: S608
        " FROM archive_study t JOIN archive_study v ON v.patient_id = t.patient_id"
        f" WHERE {these.sql} AND {visible} GROUP BY t.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*these.params, *params])
        for key, *counts in cursor.fetchall():
            found[key] |= {tag: value("IS", int(count)) for tag, count in zip(PATIENT_COUNTS, counts, strict=True)}


def _gather(studies: Sequence[int], found: Computed) -> None:
    """SOP Classes in Study, in their order."""
    these = one_of("s.study_id", studies)
    sql = (
        "SELECT DISTINCT s.study_id, i.sop_class_uid FROM archive_series s"  # noqa: S608
        f" JOIN archive_instance i ON i.series_id = s.id WHERE {these.sql} ORDER BY 1, 2"
    )
    classes: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, these.params)
        for key, uid in cursor.fetchall():
            classes.setdefault(key, []).append(uid)
    for key, uids in classes.items():
        found[key][SOP_CLASSES_IN_STUDY] = value("UI", *uids)
