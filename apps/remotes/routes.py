"""The routes out to a remote: instances sent one after the other, with what became of each, by DIMSE or DICOMweb."""

from collections.abc import Generator, Iterator, Sequence
from typing import Final

from apps.archive.retrieve import StoredInstance
from apps.archive.transcoding import NotConvertible
from apps.core.errors import FoveaError
from apps.dicom.network.requestor import Proposal
from apps.remotes.lines import associated
from apps.remotes.models import Protocol, Remote
from apps.remotes.proposing import loads
from apps.remotes.sending import Outcome, Sender, Sent
from apps.remotes.web import stow
from apps.remotes.web.client import Client

# How many objects, and how many bytes of them, go into one STOW-RS request.
BATCH_COUNT: Final = 50
BATCH_BYTES: Final = 64 << 20

Deliveries = Generator[tuple[StoredInstance, Sent]]


def deliver(remote: Remote, instances: Sequence[StoredInstance]) -> Deliveries:
    """Send these, and give what became of each once the remote has said it. Closing it ends the association in order.

    Raises RemoteFailed and RemoteRefused.
    """
    preferences = tuple(remote.transfer_syntaxes.split())
    if remote.protocol == Protocol.DICOMWEB:
        return _by_stow(remote, instances, preferences)
    return _by_c_store(remote, instances, preferences)


def _by_c_store(remote: Remote, instances: Sequence[StoredInstance], preferences: Sequence[str]) -> Deliveries:
    for load in loads(instances, preferences):
        with associated(remote, Proposal(load.contexts)) as association:
            sender = Sender(association, preferences)
            for stored in load.instances:
                yield stored, sender.send(stored)


def _by_stow(remote: Remote, instances: Sequence[StoredInstance], preferences: Sequence[str]) -> Deliveries:
    with Client(remote) as client:
        for batch in _batches(instances):
            files: dict[str, stow.Outgoing] = {}
            for stored in batch:
                try:
                    files[stored.sop_instance_uid] = stow.outgoing(stored, preferences)
                except NotConvertible as error:
                    yield stored, Sent(Outcome.FAILED, None, str(error))
                except FoveaError as error:
                    yield stored, Sent.unread(error)
            if files:
                answered = stow.store(client, list(files.values()))
                yield from ((each, _sent(answered, each)) for each in batch if each.sop_instance_uid in files)


def _sent(answered: stow.Answered, stored: StoredInstance) -> Sent:
    uid = stored.sop_instance_uid
    if uid in answered.taken:
        return Sent(Outcome.TAKEN, 0)
    refusal = answered.failed[uid]
    return Sent(Outcome.FAILED, refusal.code, refusal.text)


def _batches(instances: Sequence[StoredInstance]) -> Iterator[list[StoredInstance]]:
    batch: list[StoredInstance] = []
    size = 0
    for stored in instances:
        if batch and (len(batch) == BATCH_COUNT or size + stored.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(stored)
        size += stored.size
    if batch:
        yield batch
