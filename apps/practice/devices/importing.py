"""Importing studies of another archive for a lead: fetched as ever, and then linked on the word of who asked.

What clearly shows somebody else is not linked: it waits among the matches to be reviewed, and the result says so.
"""

from collections.abc import Sequence
from typing import Any, Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.core.errors import Conflict, Invalid, NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.practice.linking import verbs
from apps.practice.models import How, Lead, MatchState
from apps.practice.models.leads import KEEPING
from apps.remotes import importing
from apps.remotes.models import Remote
from apps.saying import say

KIND: Final = "lead-import"
WORKER: Final = "import"
REASON: Final = "Imported for this lead from {}."
GONE: Final = say("The lead that this was to be imported for is not there any more.")


def ask(who: Principal, remote: Remote, lead: Lead, studies: Sequence[str]) -> Job:
    """Ask for these studies to be imported for the lead. The remote must be one that `who` may use. Raises Invalid."""
    wanted = importing.check_uids(studies)
    if not wanted:
        raise Invalid(say("Choose at least one study."), [("studies", say("Name at least one study."))])
    parameters = {"remote": remote.pk, "lead": lead.pk, "studies": wanted}
    return enqueue(KIND, parameters, principal=who, practice=remote.practice_id)


def run(handle: JobHandle, remote: Remote, lead_pk: int, studies: Sequence[str], who: Principal) -> dict[str, Any]:
    """Import the studies, then link each. What has come stays when this is stopped, and is linked by the next attempt.

    The result is the import's, with how many were `linked`, and the UIDs of those that people are to look at (`review`)
    and of those that somebody has decided otherwise about before (`kept`). Raises NotFound for a lead that is gone, and
    as `apps.remotes.importing.run`.
    """
    lead = Lead.objects.alive().filter(pk=lead_pk, practice=remote.practice_id).first()
    if lead is None:
        raise NotFound(GONE)
    imported = importing.run(handle, remote, studies, who)
    linked, review, kept = 0, [], []
    for number, uid in enumerate(studies):
        handle.progress(number, len(studies), "Linking to the lead")
        try:
            is_linked = _link(lead, uid, who, remote.name)
        except Conflict:
            kept.append(uid)
            continue
        linked += is_linked
        review += [] if is_linked else [uid]
    handle.progress(len(studies), len(studies), "All here")
    return {**imported, "linked": linked, "review": review, "kept": kept}


def _link(lead: Lead, uid: str, who: Principal, remote: str) -> bool:
    """Whether the study is the lead's now. Raises Conflict where a person has said that it is somebody else's."""
    study = Study.objects.get(practice=lead.practice_id, study_instance_uid=uid)
    worker = Principal.worker(lead.practice_id, WORKER, frozenset({KEEPING, Permission.FETCH}), who.username)
    match = verbs.link(worker, study, lead, how=How.DECLARED, reason=REASON.format(remote), source=WORKER)
    return match.state == MatchState.LINKED and match.lead_id == lead.pk
