"""Whether a remote answers, and how soon: C-ECHO (PS3.7 9.1.5), or the smallest search of a DICOMweb remote."""

import time
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from apps.core.errors import FoveaError
from apps.dicom.network.command import NO_DATA_SET, Element, Field, Status
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.requestor import Proposal, contexts_of
from apps.dicom.network.wire import Limits
from apps.remotes.calling import call
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.models import TEXT_LENGTH, Protocol, Remote
from apps.remotes.web import qido
from apps.saying import say

VERIFICATION: Final = "1.2.840.10008.1.1"
PROPOSAL: Final = Proposal([(VERIFICATION, ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])])
# Somebody waits for the answer.
LIMITS: Final = Limits(pdu=10.0, idle=10.0, send=10.0)


@dataclass(frozen=True, slots=True)
class Echo:
    """What came of it: `ms` from the call to the answer, association included; `message` for people.

    `is_refused` says that it is there, but does not let us in or does not know the question.
    """

    ok: bool
    ms: float
    message: str
    is_refused: bool = False


def echo(remote: Remote, *, title: str = "") -> Echo:
    """Ask a remote whether it answers, by one of our AE titles, and note what came of it on its row."""
    began = time.perf_counter()
    is_refused = False
    try:
        if remote.protocol == Protocol.DICOMWEB and remote.is_active:
            qido.echo(remote)
        else:
            _ask(remote, title)
        problem = ""
    except FoveaError as error:
        problem, is_refused = error.detail, isinstance(error, RemoteRefused)
    ms = round((time.perf_counter() - began) * 1000, 1)
    facts = {"echoed_at": timezone.now(), "echo_ms": None if problem else ms, "echo_error": problem[:TEXT_LENGTH]}
    Remote.objects.filter(pk=remote.pk).update(**facts)
    for name, value in facts.items():
        setattr(remote, name, value)
    return Echo(not problem, ms, problem or say("{name} answered in {ms} ms.", name=remote.name, ms=ms), is_refused)


def _ask(remote: Remote, title: str) -> None:
    with call(remote, PROPOSAL, title=title, limits=LIMITS) as association:
        context = next(iter(contexts_of(association, VERIFICATION)), None)
        if context is None:
            raise RemoteRefused(say("{name} takes the call, but does not offer C-ECHO.", name=remote.name))
        try:
            association.send(
                context,
                {
                    Element.AFFECTED_SOP_CLASS: VERIFICATION,
                    Element.COMMAND_FIELD: Field.C_ECHO,
                    Element.MESSAGE_ID: association.message_id,
                    Element.DATA_SET_TYPE: NO_DATA_SET,
                },
            )
            answer = association.receive()
            status = answer.command.status if answer else None
            association.release()
        except NetworkError as error:
            raise RemoteFailed(f"{remote.name}: {error}") from error
    if status != Status.SUCCESS:
        if status is None:
            raise RemoteFailed(say("{name} took the call and ended it without an answer.", name=remote.name))
        told = f"{status:04X}"
        raise RemoteFailed(
            say("{name} took the call and ended it with status {status}.", name=remote.name, status=told)
        )
