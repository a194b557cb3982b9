"""Who may call: from a request for an association to the remote that it is from, and what that may do."""

import hashlib
import logging
import time
from dataclasses import dataclass
from threading import Lock
from typing import Final

from django.db import Error
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive.outcomes import DuplicatePolicy
from apps.audit import access
from apps.audit.models import Event
from apps.core.errors import FoveaError, TooManyAttempts
from apps.dicom.network import addresses
from apps.dicom.network.acceptor import Refused
from apps.dicom.network.addresses import Address
from apps.dicom.network.pdu import AssociateRequest, Rejection
from apps.remotes import callers, directory
from apps.remotes.callers import Caller
from apps.remotes.directory import Directory, Known
from apps.remotes.identity import Barred, Identified, Unproven, identify
from apps.remotes.models import Remote, Service
from apps.saying import say

logger = logging.getLogger(__name__)

# Seconds: how often it is noted that a remote was seen.
SEEN_EVERY: Final = 60.0

_seen: dict[int, float] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A remote that may call, as of the moment it called.

    `principal` acts in `practice_id`, the practice of the called AE title, with the permissions that the services
    come to: VIEW for finding, VIEW and DOWNLOAD for getting, SEND for moving, UPLOAD for storing, those of a planner
    for the worklist; of a user who has said who they are, no more than they have there.
    """

    remote_id: int
    name: str
    title: str
    called: str
    practice_id: int
    principal: Principal
    services: frozenset[Service]
    duplicates: DuplicatePolicy | None = None
    transfer_syntaxes: tuple[str, ...] = ()
    identity_answer: bytes | None = None


class NotAdmitted(Refused):
    """A caller is refused: what it is told, and the reason in the words of who administers the practice."""

    def __init__(self, rejection: Rejection, reason: str, practice_id: int | None = None) -> None:
        super().__init__(rejection)
        self.reason = reason
        self.practice_id = practice_id


@dataclass(frozen=True, slots=True)
class _Call:
    """What decides. `fingerprint` is the SHA-256 of the certificate that was presented by TLS."""

    calling: str
    called: str
    places: frozenset[Address]
    fingerprint: bytes


def admit(request: AssociateRequest, address: str, certificate: bytes | None, is_tls: bool) -> Admitted:
    """The remote that calls from this address, presenting `certificate` (DER) where it calls by TLS and has one.

    An AE title proves nothing: the address must be the remote's as well, and the certificate where one is given. A
    caller that is not known is listed; every refusal is on record. Raises NotAdmitted.
    """
    calling, called = request.calling.strip(), request.called.strip()
    presented = hashlib.sha256(certificate).digest() if is_tls and certificate else b""
    place = addresses.parse(address)
    call = _Call(calling, called, addresses.alike(place), presented)
    try:
        known = _known(call)
    except NotAdmitted as refusal:
        callers.note(Caller.of(calling, called, str(place)), refusal.practice_id, refusal.reason)
        raise
    identified = _identified(known, request, str(place))
    _note_seen(known.remote_id)
    return Admitted(
        remote_id=known.remote_id,
        name=known.name,
        title=known.title,
        called=called,
        practice_id=known.practice_id,
        principal=identified.principal,
        services=known.services,
        duplicates=known.duplicates,
        transfer_syntaxes=known.transfer_syntaxes,
        identity_answer=identified.answer,
    )


def forget_all() -> None:
    """Read who is known again, and note anew who is seen."""
    directory.forget_all()
    addresses.forget_all()
    with _lock:
        _seen.clear()


def _known(call: _Call) -> Known:
    try:
        return _find(call, directory.current())
    except NotAdmitted:
        return _find(call, directory.current(newer_than=directory.RENEWED))


def _find(call: _Call, known: Directory) -> Known:
    practice_id = known.practices.get(call.called)
    if practice_id is None:
        reason = say("It called an AE title that this server does not have.")
        raise NotAdmitted(Rejection.CALLED_AE_TITLE_NOT_RECOGNISED, reason)
    named = known.remotes.get((practice_id, call.calling), ())
    here = [remote for remote in named if _is_at(remote, call.places)]
    # One that is known by its certificate goes before one that is known by its address alone.
    for remote in sorted(here, key=lambda each: not each.fingerprints):
        if not remote.fingerprints or call.fingerprint in remote.fingerprints:
            return remote
    raise NotAdmitted(Rejection.CALLING_AE_TITLE_NOT_RECOGNISED, _reason(named, here, call), practice_id)


def _is_at(remote: Known, places: frozenset[Address]) -> bool:
    if remote.networks:
        return any(place in network for place in places for network in remote.networks)
    return bool(remote.host) and not places.isdisjoint(_addresses_of(remote.host))


def _addresses_of(host: str) -> frozenset[Address]:
    return frozenset().union(*map(addresses.alike, addresses.addresses_of(host)))


def _reason(named: tuple[Known, ...], here: list[Known], call: _Call) -> str:
    if not named:
        return say("No remote has this AE title.")
    if not here:
        return say("{name} has this AE title, but may not call from this address.", name=named[0].name)
    if call.fingerprint:
        return say(
            "{name} has this AE title and address, but the caller presented another certificate than its certificate.",
            name=here[0].name,
        )
    return say(
        "{name} has this AE title and address, but the caller did not present its certificate.", name=here[0].name
    )


def _identified(known: Known, request: AssociateRequest, address: str) -> Identified:
    try:
        return identify(known, request.user.identity, address)
    except TooManyAttempts as error:
        raise NotAdmitted(Rejection.TEMPORARY_CONGESTION, error.detail, known.practice_id) from error
    except FoveaError as error:
        if isinstance(error, Unproven | Barred):
            _tell_refused(known, error.detail, address)
        raise NotAdmitted(Rejection.NO_REASON, error.detail, known.practice_id) from error


def _tell_refused(known: Known, why: str, address: str) -> None:
    """What no password was wrong in; those that are wrong are on record as they are everywhere."""
    access.note_refusal(
        Event.Action.SIGN_IN_REFUSED, known.title, practice_id=known.practice_id, source="DIMSE", detail=why,
        address=address,
    )  # fmt: skip


def _note_seen(remote_id: int) -> None:
    now = time.monotonic()
    with _lock:
        if now - _seen.get(remote_id, -SEEN_EVERY) < SEEN_EVERY:
            return
        _seen[remote_id] = now
    try:
        Remote.objects.filter(pk=remote_id).update(seen_at=timezone.now())
    except Error:
        logger.exception("It could not be noted that remote %d was seen.", remote_id)
