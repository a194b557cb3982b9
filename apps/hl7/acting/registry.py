"""Which messages are taken, and what is done with each."""

from collections.abc import Callable, Mapping
from typing import Final

from apps.hl7.acting import appointments, orders, patients
from apps.hl7.acting.context import Context
from apps.hl7.v2.faults import Condition, Faulty, Place
from apps.hl7.v2.head import Head
from apps.saying import say

# Does what a message says, and tells in a few words what that was. Raises Faulty.
Act = Callable[[Context], str]

ACTS: Final[Mapping[str, Mapping[str, Act]]] = {
    "ADT": {
        **dict.fromkeys(("A01", "A04", "A08", "A28", "A31"), patients.keep),
        "A40": patients.merge,
    },
    "ORM": {"O01": orders.take_orders},
    "OMG": {"O19": orders.take_orders},
    "OMI": {"O23": orders.take_orders},
    "SIU": {
        **dict.fromkeys(("S12", "S13", "S14"), appointments.book),
        "S15": appointments.cancel,
        "S17": appointments.delete,
        "S26": appointments.miss,
    },
}


def act_of(head: Head) -> Act:
    """Raises Faulty for a message of which nothing is made here."""
    events = ACTS.get(head.kind)
    if events is None:
        text = say("Messages of the type {kind} are not taken here.", kind=head.kind[:20] or "(none)")
        raise Faulty(Condition.MESSAGE_TYPE, text, Place("MSH", 9, 1))
    # ORM has one event, which old senders leave out.
    event = head.event or (next(iter(events)) if len(events) == 1 else "")
    if event not in events:
        text = say(
            "Nothing is done here for the event {event} of {kind}.", event=head.event[:20] or "(none)", kind=head.kind
        )
        raise Faulty(Condition.EVENT_CODE, text, Place("MSH", 9, 2))
    return events[event]
