"""Searching a remote, with how much of what is found the practice's own archive has already."""

from dataclasses import replace
from typing import Final

from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.audit.record import Action, tell
from apps.core.errors import Invalid
from apps.dicom.uids import is_valid_uid
from apps.remotes.asking import Query
from apps.remotes.found import FoundSeries, FoundStudy, Results
from apps.remotes.lines import line_to
from apps.remotes.models import Remote
from apps.remotes.reaching import within
from apps.saying import say

MOST_STUDIES: Final = 500


def search(principal: Principal, remote: Remote, query: Query, *, source: str) -> Results:
    """The studies at the remote that match, newest first, `MOST_STUDIES` at most.

    The remote must be one that the principal may use (`reaching.usable`). Raises Invalid, RemoteFailed, RemoteRefused.
    """
    query.check()
    found = line_to(remote).studies(query, MOST_STUDIES)
    detail = f"{remote.name} answered with {len(found.studies)} studies"
    tell(Action.QUERY, principal=principal, practice_id=remote.practice_id, detail=detail, source=source)
    studies = sorted(_compared(principal, remote, found.studies), key=_newest, reverse=True)
    return Results(tuple(studies), found.is_complete)


def series(remote: Remote, study_uid: str) -> tuple[FoundSeries, ...]:
    """The series of one study at the remote. Raises Invalid, RemoteFailed, RemoteRefused."""
    if not is_valid_uid(study_uid):
        raise Invalid(say("A Study Instance UID has digits and dots, and at most 64 of them."))
    return line_to(remote).series(study_uid)


def _compared(principal: Principal, remote: Remote, found: tuple[FoundStudy, ...]) -> list[FoundStudy]:
    uids = [study.study_instance_uid for study in found]
    seen = Study.objects.visible_to(within(principal, remote.practice_id)).filter(study_instance_uid__in=uids)
    ours = dict(seen.values_list("study_instance_uid", "instance_count"))
    return [replace(study, ours=ours.get(study.study_instance_uid, 0)) for study in found]


def _newest(study: FoundStudy) -> tuple[str, str]:
    return study.study_date, study.study_time
