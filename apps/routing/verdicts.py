"""Whose fault it is that an instance was not taken: its own, so that it is set aside, or the destination's."""

from enum import Enum, auto
from typing import Final

from apps.remotes.sending import Outcome, Sent

# PS3.7 C.5: what is wrong with the request for this instance, and stays wrong. 0110, 0124 and 0213 are not among them.
_OF_INSTANCE: Final = frozenset(
    {0x0105, 0x0106, 0x0111, 0x0112, 0x0115, 0x0117, 0x0118, 0x0119, 0x0120, 0x0121, 0x0122, 0x0212}
)
# PS3.4 B.2.3: Data Set does not match SOP Class, in its two forms.
_MISMATCH: Final = frozenset({0xA8, 0xA9})
_CANNOT_UNDERSTAND: Final = 0xC


class Verdict(Enum):
    """What becomes of an instance in the outbox: LATER is the destination's fault, or this server's."""

    TAKEN = auto()
    WARNED = auto()
    PARKED = auto()
    LATER = auto()


def judge(sent: Sent) -> Verdict:
    """What an attempt to send an instance comes to (PS3.4 B.2.3, PS3.18 I.2.2).

    What could not be sent at all, as the destination takes its SOP class or transfer syntax in no way, is parked.
    """
    if sent.outcome is Outcome.TAKEN:
        return Verdict.TAKEN
    if sent.outcome is Outcome.WARNING:
        return Verdict.WARNED
    if sent.is_ours:
        return Verdict.LATER
    status = sent.status
    is_final = status is None or (
        status in _OF_INSTANCE or status >> 8 in _MISMATCH or status >> 12 == _CANNOT_UNDERSTAND
    )
    return Verdict.PARKED if is_final else Verdict.LATER
