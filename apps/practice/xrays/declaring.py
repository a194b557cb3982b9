"""The lead that a sender has declared: linked by a job where the images are not ours, which may say somebody else."""

from datetime import timedelta
from typing import Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.archive.outcomes import Origin
from apps.core.errors import Conflict
from apps.jobs.queue import enqueue_settling
from apps.practice.linking import verbs
from apps.practice.models import How, Lead

LINK: Final = "practice-xray-link"
SOON: Final = timedelta(seconds=1)


def ask(principal: Principal, study_pk: int, lead: Lead, origin: Origin) -> None:
    """Have a job link the study; within the transaction that makes its X-ray."""
    asked = {"study": study_pk, "lead": lead.pk, "user": principal.user_id, "actor": principal.username,
             "way": origin.way}  # fmt: skip
    enqueue_settling(LINK, {f"{study_pk}/{lead.pk}": asked}, practice=origin.practice_id, delay=SOON)


def link(principal: Principal, study: Study, lead: Lead, way: str) -> str:
    """Link the study to the lead; why not, where somebody has decided otherwise before."""
    try:
        verbs.link(principal, study, lead, how=How.DECLARED, source=way)
    except Conflict as conflict:
        return conflict.detail
    return ""


def sender(practice_id: int, user_id: int, actor: str) -> Principal:
    """Who has declared, for the job: nobody but this may be done in their name."""
    held = Principal.worker(practice_id, actor, frozenset({Permission.UPLOAD}))
    return Principal(user_id, held.username, practice_id, held.practice_ids, reaches=held.reaches, via="job")
