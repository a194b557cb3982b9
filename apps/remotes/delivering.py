"""Instances to a remote: the associations that it takes, and what became of each instance."""

from collections.abc import Generator, Iterable, Iterator, Sequence

from apps.archive.retrieve import StoredInstance
from apps.core.errors import FoveaError
from apps.dicom.network.association import Association
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.requestor import Proposal
from apps.remotes.calling import call
from apps.remotes.models import Remote
from apps.remotes.proposing import Load, loads
from apps.remotes.sending import Originator, Outcome, Sender, Sent

Delivered = tuple[StoredInstance, Sent]


def deliver(
    remote: Remote, instances: Sequence[StoredInstance], *, title: str = "", originator: Originator | None = None
) -> Generator[Delivered, None, None]:
    """Send instances one after the other and say what became of each; close the iterator to stop in between.

    Nothing is raised: where the remote can't be reached, or ends the association, what was to go over it has failed.
    `title` is which of our AE titles calls, as in `calling.call`.
    """
    preferences = remote.transfer_syntaxes.split()
    for load in loads(instances, preferences):
        try:
            association = call(remote, Proposal(load.contexts), title=title)
        except FoveaError as error:
            yield from _failed(load.instances, error.detail)
            continue
        with association:
            yield from _over(association, Sender(association, preferences, originator), load)


def _over(association: Association, sender: Sender, load: Load) -> Iterator[Delivered]:
    left = iter(load.instances)
    is_open = True
    try:
        for stored in left:
            try:
                sent = sender.send(stored)
            except NetworkError as error:
                is_open = False
                association.abort()
                yield from _failed((stored, *left), str(error))
                return
            yield stored, sent
    finally:
        if is_open:
            _release(association)


def _failed(instances: Iterable[StoredInstance], reason: str) -> Iterator[Delivered]:
    return ((stored, Sent(Outcome.FAILED, None, reason)) for stored in instances)


def _release(association: Association) -> None:
    """End it in order; one that has ended already is no error, as all that was sent has been answered."""
    try:
        association.release()
    except NetworkError:
        return
