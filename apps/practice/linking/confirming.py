"""Confirming several matches at once: only those at which a person would find nothing to think about."""

from dataclasses import dataclass
from typing import Final

from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.practice.linking import verbs
from apps.practice.models import Lead, Match, MatchState
from apps.saying import say

MOST_AT_ONCE: Final = 100
SEVERAL: Final = say("Several leads come into question.")
DOUBTFUL: Final = say("Something says that it is somebody else.")
NOBODY: Final = say("No lead comes into question.")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of one match: the lead that it is linked to now, or why it is left to be looked at."""

    id: int
    lead_id: int | None
    detail: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Whether it is linked now."""
        return not self.detail


def confirm(principal: Principal, match: Match, *, source: str) -> Confirmed:
    """Link the study to the one lead that fits, if there is but one and nothing speaks against it. Raises nothing."""
    lead = safe_lead(match)
    if isinstance(lead, str):
        return Confirmed(match.pk, None, lead)
    try:
        verbs.link(principal, match.study, lead, source=source, seen=match.version)
    except FoveaError as error:
        return Confirmed(match.pk, None, error.detail)
    return Confirmed(match.pk, lead.pk)


def safe_lead(match: Match) -> Lead | str:
    """The one lead that fits; or why there is none that may be confirmed without a look."""
    if match.state == MatchState.LINKED and match.lead is not None:
        return match.lead
    candidates = list(match.candidates.all())
    if not candidates or match.state != MatchState.REVIEW:
        return NOBODY
    if len(candidates) > 1:
        return SEVERAL
    return DOUBTFUL if candidates[0].is_doubtful or match.notes else candidates[0].lead
