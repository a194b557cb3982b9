"""What analyses have stored: whether it is still there and of use, and removing what is none of their results."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from django.db.models import QuerySet

from apps.accounts.principal import Principal
from apps.analysis import kinds, parameters
from apps.analysis.kinds import Inputs, Kind
from apps.analysis.models import Analysis
from apps.archive import lifecycle
from apps.archive.models import Instance
from apps.core.errors import FoveaError, NotFound
from apps.core.version import VERSION
from apps.jobs.models import State

# Who stores and deletes, and by which way it comes into the archive.
WORKER: Final = "analysis"
WAY: Final = "analysis"
REPLACED: Final = "analysis, replaced by a rerun"
REMOVED: Final = "analysis, removed"
VERIFIED: Final = "analysis, replaced by the verified report"


def is_current(row: Analysis, kind: Kind, inputs: Inputs) -> bool:
    """Whether a run would give what is stored: the same inputs, the same code, and nothing of it deleted since."""
    same_code = (row.code_version, row.software_version) == (kind.code_version, VERSION)
    same_inputs = row.inputs.get("digest") == inputs.digest
    return row.state == State.DONE and same_code and same_inputs and is_whole(row)


def is_outdated(row: Analysis) -> bool:
    """Whether the images that the result was worked out of have changed since, so that a run would give another one."""
    kind = kinds.find(row.kind)
    if kind is None or row.stored_at is None:
        return False
    try:
        inputs = kind.inputs_of(row.study, parameters.read(kind, row.parameters).values)
    except FoveaError:  # there is nothing of it to be analysed any more
        return False
    return row.inputs.get("digest") != inputs.digest or row.code_version != kind.code_version


def is_whole(row: Analysis) -> bool:
    """Whether there is a result, and all of it is still in the archive."""
    uids = row.series_instance_uids
    return bool(uids) and own_instances(row, uids).count() == row.instance_count


def own_instances(row: Analysis, series_uids: Iterable[str]) -> QuerySet[Instance]:
    """What analyses have stored in these series. A viewer may put what a person has edited beside it."""
    return Instance.objects.filter(series__study=row.study_id, series__series_instance_uid__in=series_uids, source=WAY)


def remove_leftovers(row: Analysis) -> None:
    """Delete the series that it stored and that are not its result."""
    _delete(row, set(row.leftover_uids) - set(row.series_instance_uids), _worker(row), REPLACED)
    Analysis.objects.filter(pk=row.pk).update(leftover_uids=[])
    row.leftover_uids = []


def remove_all(row: Analysis, on_behalf_of: str) -> None:
    """Delete all series that it stored."""
    stored = {*row.leftover_uids, *row.series_instance_uids}
    _delete(row, stored, Principal.worker(row.study.practice_id, WORKER, on_behalf_of=on_behalf_of), REMOVED)


def _delete(row: Analysis, series_uids: set[str], who: Principal, way: str) -> None:
    """What is gone already does no harm."""
    for uid in sorted(series_uids):
        with suppress(NotFound):
            _delete_one(row, uid, who, way)


def _delete_one(row: Analysis, series_uid: str, who: Principal, way: str) -> None:
    """What others have put into the series stays in it. Raises NotFound for what is gone."""
    study = row.study.study_instance_uid
    there = Instance.objects.filter(series__study=row.study_id, series__series_instance_uid=series_uid)
    if not there.exclude(source=WAY).exists():
        lifecycle.delete_series(who, study, series_uid, way=way)
        return
    for sop_uid in list(own_instances(row, [series_uid]).values_list("sop_instance_uid", flat=True)):
        lifecycle.delete_instance(who, study, series_uid, sop_uid, way=way)


def remove_others(row: Analysis, series_uids: list[str], sop_uids: set[str]) -> None:
    """Delete from these series what is none of these instances: more of them came when this was run the last time."""
    found = own_instances(row, series_uids).values_list("series__series_instance_uid", "sop_instance_uid")
    for series_uid, sop_uid in list(found):
        if sop_uid not in sop_uids:
            lifecycle.delete_instance(_worker(row), row.study.study_instance_uid, series_uid, sop_uid, way=REPLACED)


def remove_replaced(row: Analysis, series_uid: str, sop_uid: str) -> None:
    """Delete a report that a verified one has taken the place of."""
    lifecycle.delete_instance(_worker(row), row.study.study_instance_uid, series_uid, sop_uid, way=VERIFIED)


def _worker(row: Analysis) -> Principal:
    asker = row.requested_by.get_username() if row.requested_by else ""
    return Principal.worker(row.study.practice_id, WORKER, on_behalf_of=asker)
