"""Analyses of the tests' study, asked for, run to the end of their job, and read back."""

import io
from collections.abc import Iterator
from typing import Any

import pydicom

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.analysis import asking
from apps.analysis.models import Analysis
from apps.archive import retrieve
from apps.archive.models import Instance
from apps.jobs import worker
from tests.dicoms import STUDY_UID


def asked(user: User, kind: str, **given: Any) -> Analysis:
    return asking.ask(Principal.of(user), STUDY_UID, kind, given).analysis


def made(row: Analysis) -> list[list[pydicom.Dataset]]:
    """The objects of each series that is stored, after its job."""
    assert row.job_id is not None
    worker.run(row.job_id)
    row.refresh_from_db()
    assert row.last_state == "done", row.reason
    return [list(objects(uid)) for uid in row.series_instance_uids]


def objects(series_uid: str) -> Iterator[pydicom.Dataset]:
    rows = Instance.objects.filter(series__series_instance_uid=series_uid).order_by("instance_number")
    practice = rows[0].series.study.practice_id
    for row in rows:
        [stored] = retrieve.instances(Principal.worker(practice), STUDY_UID, sop=row.sop_instance_uid)
        yield pydicom.dcmread(io.BytesIO(retrieve.read_file(stored)))
