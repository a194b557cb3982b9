"""The work of an analysis' job: have its kind make the files, store them, and only then let go of the run before.

Each attempt may end anywhere, and the next one gives the same: the UIDs follow from what it is worked out of, what is
stored again under them replaces itself, and the row says which job has stored its result.
"""

import hashlib
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.names import person_name
from apps.analysis import folders, kinds, parameters, storing
from apps.analysis.kinds import Inputs, Kind, Result, Run
from apps.analysis.models import Analysis, Verdict
from apps.analysis.results import remove_leftovers
from apps.analysis.storing import Stored
from apps.core.errors import Conflict, NotFound
from apps.core.version import VERSION
from apps.jobs.handle import JobHandle, Progress
from apps.saying import Sentence, say

# Of the whole, in thousandths: where the work ends and storing begins.
WHOLE: Final = 1000
WORKED: Final = 900
# What is told of a result.
RESULT: Final = (
    "inputs", "flags", "is_quantifiable", "summary", "code_version", "software_version", "leftover_uids",
    "series_instance_uids", "instance_count", "run", "stored_by", "stored_at", "verdict",
    "judged_by", "judged_at", "remark",
)  # fmt: skip
STARTING: Final = say("Looking at the images")
STORED: Final = say("Ready to view")
WORKING: Final = say("Working it out")


def run(handle: JobHandle, pk: int) -> dict[str, Any]:
    """Run the analysis; what came of it.

    Raises NotFound where the study is gone, Conflict, Cancelled, and what its kind and the store raise.
    """
    row = _row(handle, pk)
    if row.stored_by != handle.job_id:
        handle.progress(0, WHOLE, STARTING)
        _work(handle, row)
    remove_leftovers(row)
    # Not by `progress`: what is stored is not cancelled any more.
    handle.said = Progress(WHOLE, WHOLE, STORED)
    return {"analysis": row.pk, "seriesInstanceUids": row.series_instance_uids, "instances": row.instance_count}


def seed_of(row: Analysis, kind: Kind, inputs: Inputs) -> str:
    """What all UIDs of a run follow from: the same study, question, inputs and code give the same objects."""
    of_study = (row.study.study_instance_uid, kind.name, row.fingerprint, inputs.digest, str(kind.code_version))
    return hashlib.sha256("\n".join(of_study).encode()).hexdigest()


def _row(handle: JobHandle, pk: int) -> Analysis:
    row = Analysis.objects.with_study().filter(pk=pk).first()
    if row is None:
        raise NotFound(say("The study or its analysis has been deleted."))
    if row.job_id != handle.job_id:
        raise Conflict(say("This analysis has been asked for again since."))
    return row


def _work(handle: JobHandle, row: Analysis) -> None:
    kind = kinds.find(row.kind)
    if kind is None:
        raise Conflict(say("This server does no analyses of the kind {kind} any more.", kind=row.kind))
    values = parameters.read(kind, row.parameters).values
    inputs = kind.inputs_of(row.study, values)
    with folders.work() as folder:
        seed = seed_of(row, kind, inputs)
        asked_by = person_name(row.requested_by) if row.requested_by else ""
        result = kind.run(Run(row.study, values, inputs, seed, folder, _Telling(handle), asked_by))
        stored = storing.store(row, result.files, _Storing(handle))
    _note(row, kind, inputs, result, stored)


class _Telling:
    """Says how far the work is, as a part of the whole. Raises Cancelled and Lost."""

    def __init__(self, handle: JobHandle) -> None:
        self._handle = handle

    def __call__(self, done: int, total: int, text: Sentence | str = "") -> None:
        share = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0
        self._handle.progress(int(WORKED * share), WHOLE, text or WORKING)


class _Storing:
    """The same of what is stored."""

    def __init__(self, handle: JobHandle) -> None:
        self._handle = handle

    def __call__(self, done: int, total: int, text: Sentence | str = "") -> None:
        self._handle.progress(WORKED + (WHOLE - WORKED) * done // max(total, 1), WHOLE, text)


def _note(row: Analysis, kind: Kind, inputs: Inputs, result: Result, stored: Stored) -> None:
    """From now on this is the result; the series of the run before are none of it any more."""
    row.inputs = {"seriesInstanceUids": list(inputs.series_instance_uids), "digest": inputs.digest}
    row.flags, row.is_quantifiable = list(inputs.flags), inputs.is_quantifiable
    row.summary, row.code_version, row.software_version = result.summary, kind.code_version, VERSION
    row.verdict, row.judged_by, row.judged_at, row.remark = _verdict(kind), None, None, ""
    with transaction.atomic():
        before = Analysis.objects.select_for_update(of=("self",)).get(pk=row.pk)
        earlier = {*before.leftover_uids, *before.series_instance_uids}
        row.leftover_uids = sorted(earlier - set(stored.series_instance_uids))
        row.series_instance_uids, row.instance_count = stored.series_instance_uids, stored.instance_count
        row.run, row.stored_by, row.stored_at = before.run + 1, row.job_id, timezone.now()
        row.save(update_fields=RESULT)


def _verdict(kind: Kind) -> str:
    """What a machine finds is unverified until a person accepts it; an accepted result that is replaced too."""
    return Verdict.UNVERIFIED if kind.is_finding else ""
