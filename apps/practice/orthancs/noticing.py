"""Taking a notice in: whose it is, that it is new, and a row and a job for it before it is acknowledged."""

import time
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction

from apps.core import sealed
from apps.core.errors import Conflict, TooManyAttempts
from apps.dicom.network.addresses import parse
from apps.practice.models import NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs import refusals, signature, standing
from apps.practice.orthancs.asking import ask
from apps.practice.orthancs.signature import Proof
from apps.practice.orthancs.wording import Told, told
from apps.remotes import directory
from apps.saying import say

# Of one Orthanc, and not fetched yet.
MOST_WAITING: Final = 20_000
UNKNOWN: Final = say("Check the source, the secret and the time in the script, and from where it calls.")


@dataclass(frozen=True, slots=True)
class Call:
    """A request in an Orthanc's name: its proof, None where it has none, its body, and where it comes from."""

    proof: Proof | None
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a notice: its row and job, none for what needs nothing; `is_new` where it was not known."""

    notice: OrthancNotice | None
    is_new: bool

    @property
    def job_id(self) -> int | None:
        return self.notice.job_id if self.notice else None


def take(call: Call) -> Noted:
    """Take a notice in. It is committed when this returns; the same delivery again gives what it gave before.

    Raises NotBelieved, TooManyAttempts, Invalid for what is no notice, and Conflict for a delivery's number that
    stands for something else.
    """
    orthanc, proof = believed(call)
    wanted = told(call.body)
    if wanted is None:
        return Noted(None, is_new=False)
    if known := _known(orthanc, proof, wanted):
        return Noted(known, is_new=False)
    if OrthancNotice.objects.filter(orthanc=orthanc, state=NoticeState.WAITING).count() >= MOST_WAITING:
        raise TooManyAttempts(
            say(
                "{most_waiting} notices of this Orthanc wait already. Send this one again later.",
                most_waiting=MOST_WAITING,
            )
        )
    try:
        with transaction.atomic():
            return Noted(note(orthanc, proof.delivery, wanted), is_new=True)
    except IntegrityError:
        # The same delivery, at the same moment.
        return Noted(_known(orthanc, proof, wanted), is_new=False)


def believed(call: Call) -> tuple[Orthanc, Proof]:
    """The Orthanc that has made the call, and its proof. Raises NotBelieved, TooManyAttempts."""
    proof = call.proof
    orthanc = Orthanc.objects.filter(source=proof.source, is_active=True).first() if proof else None
    if proof is None or not signature.is_right(proof, _secret(orthanc), call.body) or orthanc is None:
        raise _disbelieved(
            call, orthanc, say("A call in its name from {address} is not signed by its secret.", address=call.address)
        )
    if not _may_call_from(orthanc, call.address):
        raise _disbelieved(
            call, orthanc, say("It called from {address}, which is not among its networks.", address=call.address)
        )
    if not signature.is_timely(proof, time.time()):
        reason = say("Its clock is wrong, or its call is an old one: set both clocks by the network's time (NTP).")
        raise _disbelieved(call, orthanc, reason)
    standing.called(orthanc)
    return orthanc, proof


def note(orthanc: Orthanc, delivery: str, wanted: Told) -> OrthancNotice:
    """The notice's row, with a job. Call it in a transaction. Raises IntegrityError for a delivery that is known."""
    return OrthancNotice.objects.create(
        orthanc=orthanc,
        delivery=delivery,
        level=wanted.level,
        resource=wanted.resource,
        job=ask(orthanc, wanted.level, wanted.resource),
    )


def _known(orthanc: Orthanc, proof: Proof, wanted: Told) -> OrthancNotice | None:
    known = OrthancNotice.objects.filter(orthanc=orthanc, delivery=proof.delivery).first()
    if known is not None and (known.level, known.resource) != (wanted.level, wanted.resource):
        raise Conflict(say("This delivery's number was that of another notice. Give each notice a number of its own."))
    return known


def _secret(orthanc: Orthanc | None) -> str:
    """The secret by which it signs; empty for nobody, and where it can't be read any more."""
    try:
        return sealed.unseal(orthanc.signing_secret) if orthanc else ""
    except sealed.Unsealable:
        return ""


def _may_call_from(orthanc: Orthanc, address: str) -> bool:
    try:
        networks = directory.networks_of(orthanc.networks)
        return not networks or any(parse(address) in network for network in networks)
    except ValueError:
        return False


def _disbelieved(call: Call, orthanc: Orthanc | None, reason: str) -> refusals.NotBelieved:
    """The same words for everybody; what was wrong stands on the Orthanc's page.

    Who signs rightly is let in whatever others try from the same address. Raises TooManyAttempts.
    """
    refusals.count(call.address)
    if orthanc is not None:
        standing.suspected(orthanc, reason)
    return refusals.NotBelieved(UNKNOWN)
