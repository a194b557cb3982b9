"""Which senders are known, kept in memory for a few seconds, and which of them a message is from.

A flood of messages costs no queries for it. Who is not found is looked for once more in the database, so that a sender
is known as soon as it was added.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from threading import Lock
from typing import Final

from apps.dicom.network import addresses
from apps.dicom.network.addresses import Network
from apps.hl7.models import Sender
from apps.hl7.procedures import table_of
from apps.hl7.v2.head import Head
from apps.remotes.certificates import certificates_of
from apps.remotes.directory import networks_of
from apps.saying import say

logger = logging.getLogger("fovea.hl7")

# Seconds that what was read counts, and that it counts for somebody who isn't in it.
REMEMBERED: Final = 5.0
RENEWED: Final = 0.1

ANOTHER_CERTIFICATE: Final = say("It presented another certificate than the sender of this name and address has.")
NO_CERTIFICATE: Final = say("It did not present the certificate that the sender of this name and address has.")
ELSEWHERE: Final = say("A sender calls itself so, but may not call from this address.")
NOBODY: Final = say("No sender has this address and calls itself so (MSH-3, MSH-4).")


@dataclass(frozen=True, slots=True)
class Caller:
    """From where a message came; `fingerprint` is the SHA-256 of the certificate that was presented by TLS."""

    address: str
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Known:
    """A sender as its messages are taken. `fingerprints` are of its certificates (DER), none where it needs none."""

    sender_id: int
    name: str
    practice_id: int
    networks: tuple[Network, ...]
    application: str
    facility: str
    fingerprints: frozenset[bytes]
    charset: str
    authority: str
    procedures: str
    passes_over: bool


class Unknown(Exception):
    """Nobody that is known; `reason` is in the words of who administers a practice."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_lock = Lock()
_read_at = 0.0
_known: tuple[Known, ...] | None = None


def sender_of(caller: Caller, head: Head) -> Known:
    """Who sent the message. Of several that fit, the one that is known most closely. Raises Unknown."""
    try:
        return _find(caller, head, _current(REMEMBERED))
    except Unknown:
        return _find(caller, head, _current(RENEWED))


def forget_all() -> None:
    """Read the senders again, after a change in this process."""
    global _known  # noqa: PLW0603 - one directory a process
    _known = None


def known_of(sender: Sender) -> Known:
    """The sender as its messages are taken. Raises ValueError where its networks or its certificate can't be read."""
    table_of(sender.procedures)
    return Known(
        sender_id=sender.pk,
        name=sender.name,
        practice_id=sender.practice_id,
        networks=networks_of(sender.networks),
        application=sender.application,
        facility=sender.facility,
        fingerprints=frozenset(hashlib.sha256(der).digest() for der in certificates_of(sender.certificate)),
        charset=sender.charset,
        authority=sender.authority,
        procedures=sender.procedures,
        passes_over=sender.passes_over,
    )


def _current(newer_than: float) -> tuple[Known, ...]:
    global _known, _read_at  # noqa: PLW0603 - one directory a process
    with _lock:
        if _known is None or time.monotonic() - _read_at >= newer_than:
            _read_at = time.monotonic()
            _known = _read()
        return _known


def _read() -> tuple[Known, ...]:
    read = []
    for sender in Sender.objects.filter(is_active=True).order_by("pk"):
        try:
            read.append(known_of(sender))
        except ValueError:
            logger.warning("HL7 sender %d is not known: its networks or its certificate can't be read.", sender.pk)
    return tuple(sorted(read, key=_looseness))


def _looseness(known: Known) -> tuple[bool, bool, bool]:
    return not known.fingerprints, not known.application, not known.facility


def _find(caller: Caller, head: Head, known: tuple[Known, ...]) -> Known:
    places = addresses.alike(addresses.parse(caller.address))
    named = [each for each in known if _is_named(each, head)]
    here = [each for each in named if any(place in network for place in places for network in each.networks)]
    for each in here:
        if not each.fingerprints or caller.fingerprint in each.fingerprints:
            return each
    raise Unknown(_reason(named, here, caller))


def _is_named(known: Known, head: Head) -> bool:
    said = ((known.application, head.application), (known.facility, head.facility))
    return all(not wanted or wanted.casefold() == given.casefold() for wanted, given in said)


def _reason(named: list[Known], here: list[Known], caller: Caller) -> str:
    if here:
        return ANOTHER_CERTIFICATE if caller.fingerprint else NO_CERTIFICATE
    is_called_so = any(each.application or each.facility for each in named)
    return ELSEWHERE if is_called_so else NOBODY
