"""People's decisions teach the weights: a new version each time, which holds for what is decided from then on."""

import json
from collections.abc import Iterator
from typing import Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Refused
from apps.practice.leads.persons import person_of
from apps.practice.linking import persons, weighing
from apps.practice.matching.comparing import Comparison, compare
from apps.practice.matching.learning import taught
from apps.practice.models import How, MatchDecision, MatchingWeights, Verdict
from apps.saying import say

# The newest; older ones say little of how the practice works now.
MOST_DECISIONS: Final = 5000
# Fewer say nothing that the weights which ship don't know.
LEAST_LINKS: Final = 20

REFUSED: Final = say("You may not decide on the practice's settings.")


def learn(principal: Principal, practice_id: int, *, source: str) -> MatchingWeights:
    """Weigh anew by what people have decided, as a new version; nothing that is decided changes.

    Raises Refused without the permission to administer, Conflict where there is too little to learn from.
    """
    if not principal.may_in_all_of(Permission.ADMINISTER, practice_id):
        raise Refused(REFUSED)
    decided = list(_decided(practice_id))
    links = sum(is_same for _, is_same in decided)
    if links < LEAST_LINKS:
        raise Conflict(
            say(
                "There are {links} links by people to learn from; it takes at least {least}.",
                links=links,
                least=LEAST_LINKS,
            )
        )
    now = weighing.scale(practice_id)
    version = now.version + 1
    weights = taught(weighing.shipped(), decided, version=f"practice {version}")
    with transaction.atomic():
        row = MatchingWeights.objects.create(
            practice_id=practice_id,
            version=version,
            weights=json.loads(weights.to_json()),
            learnt_by=principal.username,
            links=links,
            rejections=len(decided) - links,
        )
        detail = f"matching weights {version} learnt from {len(decided)} decisions"
        tell(Action.CONFIGURATION, principal=principal, practice_id=practice_id, detail=detail, source=source)
    return row


def _decided(practice_id: int) -> Iterator[tuple[Comparison, bool]]:
    """What people have compared, and whether it was one person: as both are told now, where the images say the same."""
    made = MatchDecision.objects.filter(
        match__practice=practice_id,
        how=How.PERSON,
        verdict__in=(Verdict.LINK, Verdict.REJECT),
        undone_at=None,
        follows=None,
        lead__erased_at=None,
        lead__isnull=False,
    )
    for each in made.select_related("match__study", "lead").order_by("-pk")[:MOST_DECISIONS]:
        shown = persons.shown(each.match.study)
        if shown.digest == each.demographics and each.lead is not None:
            yield compare(shown.person, person_of(each.lead)), each.verdict == Verdict.LINK
