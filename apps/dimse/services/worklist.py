"""The Modality Worklist as its SCP (PS3.4 K): who is expected, at which device, when, and for what."""

from collections.abc import Iterable, Iterator
from typing import Final

from apps.accounts.permissions import Permission
from apps.audit import access
from apps.core.errors import Refused
from apps.dicom.identifiers import character_sets
from apps.dimse.negotiated import Negotiated
from apps.dimse.query import QUERY_LEVEL, Attributes, projected, values_by_path
from apps.dimse.services.answering import Found
from apps.dimse.session import Session
from apps.saying import say
from apps.worklist import searching
from apps.worklist.items import STEP_SEQUENCE, STEP_SUPPORTED, SUPPORTED

# All steps of a busy site for weeks; a device that asks for more than this asks for what it can't show.
MOST: Final = 2000
# What says how the identifier is to be read, or is of another information model.
_NO_KEYS: Final = frozenset({"00080005", "00080201", QUERY_LEVEL})


def search(session: Session, identifier: Attributes, sop_class: str) -> Found:
    """The steps that match (PS3.4 K.4.1.1.3). Raises Refused, and Invalid for values that can't be."""
    practice_id = session.admitted.practice_id
    if not session.principal.may_in_all_of(Permission.VIEW, practice_id):
        raise Refused(say("Only those who may look at all of the practice see its worklist."))
    asked = {tag: element for tag, element in identifier.items() if tag not in _NO_KEYS}
    searched = [path for path, _ in values_by_path(asked)]
    is_fuzzy = Negotiated.of(session.association, sop_class).is_fuzzy
    steps = list(searching.find(practice_id, asked, MOST + 1, fuzzy=is_fuzzy))
    access.note_search(session.principal, "C-FIND worklist", searched, min(len(steps), MOST))
    return Found(
        _answers(asked, steps[:MOST]),
        character_sets(identifier),
        is_partial=not _is_supported(asked),
        excess=f"Over {MOST} steps match. Ask for a day or a device." if len(steps) > MOST else "",
    )


def _answers(asked: Attributes, steps: Iterable[Attributes]) -> Iterator[Attributes]:
    """What was asked for of each step, empty where there is nothing to tell (PS3.4 K.4.1.1.3.2)."""
    for step in steps:
        yield {tag: projected(element, step.get(tag)) for tag, element in asked.items()}


def _is_supported(asked: Attributes) -> bool:
    """Whether all that is asked for is of the information model (PS3.4 table K.6-1)."""
    inside = (asked.get(STEP_SEQUENCE, {}).get("Value") or [{}])[0] or {}
    return asked.keys() <= SUPPORTED and inside.keys() <= STEP_SUPPORTED
