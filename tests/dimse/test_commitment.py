"""Storage commitment: what is asked, and where and how the outcome is told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.utils import timezone
from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.association import Association

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.archive.storage import site_objects
from apps.dicom.network.command import Status
from apps.dimse import commitments
from apps.dimse.models import Commitment, CommitmentState
from apps.dimse.reporting import SOP_CLASS, SOP_INSTANCE
from apps.dimse.server import Server
from apps.dimse.tasks import storage_commitment
from apps.jobs.handle import JobHandle, Later
from apps.jobs.models import Job
from apps.remotes.models import Remote, Service
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.servers import free_port

TRANSACTION = dicoms.uid(99)
MISSING = (nodes.CT, "1.2.3.4")
PATIENCE = 30


@dataclass
class Told:
    """The reports that came: event type and information."""

    reports: list[tuple[int, Dataset]] = field(default_factory=list)
    came: Event = field(default_factory=Event)
    status: int = 0

    def take(self, event: Any) -> tuple[int, None]:
        self.reports.append((event.event_type, event.event_information))
        self.came.set()
        return self.status, None

    def first(self) -> tuple[int, Dataset]:
        assert self.came.wait(PATIENCE)
        return self.reports[0]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def slices(server: Server, practice: Practice) -> list[tuple[str, str]]:
    """Three slices that are here: SOP Class and SOP Instance UID."""
    keep(practice, *dicoms.ct_series(3))
    return [(nodes.CT, dicoms.uid(1, 1, number)) for number in (1, 2, 3)]


@contextmanager
def listening(told: Told, remote: Remote) -> Iterator[None]:
    """The remote takes calls, as the user of storage commitment."""
    entity = AE(remote.title)
    entity.add_supported_context(SOP_CLASS, scu_role=True, scp_role=True)
    at = free_port()
    Remote.objects.filter(pk=remote.pk).update(port=at)
    listener = entity.start_server(("127.0.0.1", at), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, told.take)])
    assert listener is not None
    try:
        yield
    finally:
        listener.shutdown()


@contextmanager
def asking(port: int, told: Told, title: str = nodes.THEIRS) -> Iterator[Association]:
    """An association on which commitments are asked for."""
    entity = AE(title)
    entity.add_requested_context(SOP_CLASS)
    handlers: list[Any] = [(evt.EVT_N_EVENT_REPORT, told.take)]
    opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS, evt_handlers=handlers)
    assert opened.is_established
    try:
        yield opened
    finally:
        opened.release()


def ask(opened: Association, references: Sequence[tuple[str, str]], **changed: Any) -> int:
    """The status of an N-ACTION for these instances."""
    dataset = Dataset()
    dataset.TransactionUID = changed.pop("transaction", TRANSACTION)
    dataset.ReferencedSOPSequence = []
    for sop_class, uid in references:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
        dataset.ReferencedSOPSequence.append(item)
    action, instance = changed.pop("action", 1), changed.pop("instance", SOP_INSTANCE)
    status, _ = opened.send_n_action(dataset, action, SOP_CLASS, instance)
    return int(status.Status)


def uids(items: Sequence[Dataset]) -> list[tuple[str, str]]:
    return [(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in items]


def state() -> str:
    return Commitment.objects.get().state


def test_what_is_kept_is_told_on_an_association_of_its_own(
    port: int, remote: Remote, told: Told, slices: list[tuple[str, str]]
) -> None:
    elsewhere = Told()
    with listening(told, remote), asking(port, elsewhere) as opened:
        assert ask(opened, slices) == Status.SUCCESS
        kind, information = told.first()
    assert kind == 1
    assert information.TransactionUID == TRANSACTION
    assert uids(information.ReferencedSOPSequence) == slices
    assert "FailedSOPSequence" not in information
    assert not elsewhere.reports
    assert state() == CommitmentState.TOLD


def test_what_is_not_kept_is_told_with_the_reason(
    port: int, practice: Practice, remote: Remote, told: Told, slices: list[tuple[str, str]]
) -> None:
    (lost,) = Instance.objects.filter(sop_instance_uid=slices[2][1])
    site_objects().delete(lost.file_key)
    other_class = ("1.2.840.10008.5.1.4.1.1.4", slices[1][1])
    with listening(told, remote), asking(port, told) as opened:
        ask(opened, [slices[0], other_class, slices[2], MISSING])
        kind, information = told.first()
    assert kind == 2
    assert uids(information.ReferencedSOPSequence) == slices[:1]
    assert uids(information.FailedSOPSequence) == [other_class, slices[2], MISSING]
    assert [item.FailureReason for item in information.FailedSOPSequence] == [0x0119, 0x0110, 0x0112]


def test_who_cannot_be_called_is_told_where_it_asked(
    port: int, remote: Remote, told: Told, slices: list[tuple[str, str]]
) -> None:
    Remote.objects.filter(pk=remote.pk).update(port=free_port())
    with asking(port, told) as opened:
        ask(opened, slices)
        kind, _ = told.first()
        assert kind == 1
        assert ask(opened, [MISSING], transaction="1.2.9") == Status.SUCCESS
    assert Commitment.objects.get(transaction_uid=TRANSACTION).state == CommitmentState.TOLD


def test_who_ends_the_association_is_called_later(
    port: int, remote: Remote, told: Told, slices: list[tuple[str, str]]
) -> None:
    Remote.objects.filter(pk=remote.pk).update(port=free_port())
    with asking(port, told) as opened:
        ask(opened, slices)
    commitment = Commitment.objects.get()
    assert commitment.state == CommitmentState.WAITING
    job = Job.objects.get(kind=commitments.KIND)
    assert job.parameters == {"commitment": commitment.pk}
    with listening(told, remote):
        Commitment.objects.update(next_try_at=timezone.now())
        assert storage_commitment(JobHandle(job.pk, 1), commitment=commitment.pk) == {"state": "told"}
    assert told.first()[0] == 1


def waiting(remote: Remote) -> Commitment:
    """A request that is to be told, for an instance that isn't here."""
    return Commitment.objects.create(
        remote=remote, practice=remote.practice, called=nodes.OURS, transaction_uid=TRANSACTION, references=[MISSING],
        instances=1,
    )  # fmt: skip


def test_who_is_away_is_called_again_after_growing_pauses(remote: Remote) -> None:
    Remote.objects.update(port=free_port())
    commitment = waiting(remote)
    pauses = []
    for _ in range(9):
        with pytest.raises(Later) as later:
            storage_commitment(JobHandle(1, 1), commitment=commitment.pk)
        pauses.append(round(later.value.pause.total_seconds() / 60))
        Commitment.objects.update(next_try_at=timezone.now())
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    commitment.refresh_from_db()
    assert (commitment.attempts, commitment.failed) == (9, 1)
    assert "can't be reached" in commitment.error


def test_it_is_given_up_after_days(remote: Remote) -> None:
    Remote.objects.update(port=free_port())
    commitment = waiting(remote)
    Commitment.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert storage_commitment(JobHandle(1, 1), commitment=commitment.pk) == {"state": "given up"}


def test_an_answer_that_is_no_success_is_tried_again(remote: Remote, told: Told) -> None:
    told.status = 0x0110
    commitment = waiting(remote)
    with listening(told, remote), pytest.raises(Later):
        storage_commitment(JobHandle(1, 1), commitment=commitment.pk)
    commitment.refresh_from_db()
    assert "0110" in commitment.error


def test_another_try_at_the_same_time_waits(remote: Remote) -> None:
    commitment = waiting(remote)
    assert commitments.claim(commitment)
    assert not commitments.claim(commitment)
    with pytest.raises(Later):
        storage_commitment(JobHandle(1, 1), commitment=commitment.pk)
    assert Commitment.objects.get().attempts == 0


def test_one_that_is_asked_again_is_told_again(
    port: int, remote: Remote, told: Told, slices: list[tuple[str, str]]
) -> None:
    with listening(told, remote), asking(port, told) as opened:
        ask(opened, slices)
        told.first()
        told.came.clear()
        assert ask(opened, slices[::-1]) == Status.SUCCESS
        assert told.came.wait(PATIENCE)
        assert ask(opened, slices[:1]) == Status.PROCESSING_FAILURE
    assert len(told.reports) == 2
    assert Commitment.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"action": 2}, Status.NO_SUCH_ACTION),
        ({"instance": "1.2.3"}, Status.NO_SUCH_OBJECT_INSTANCE),
        ({"transaction": ""}, Status.MISSING_ATTRIBUTE_VALUE),
        ({"references": []}, Status.MISSING_ATTRIBUTE),
    ],
)
def test_a_request_that_is_none_is_declined(
    port: int, remote: Remote, told: Told, changed: dict[str, Any], status: int
) -> None:
    with asking(port, told) as opened:
        assert ask(opened, changed.pop("references", [MISSING]), **changed) == status
    assert not Commitment.objects.exists()


def test_another_practice_s_instances_are_not_there(
    port: int, other_practice: Practice, told: Told, slices: list[tuple[str, str]]
) -> None:
    nodes.add_entity(other_practice, "SOUTH")
    southern = nodes.add_remote(other_practice, "SOUTHERN", Service.STORE)
    commitment = Commitment(practice=other_practice, remote=southern, references=slices)
    assert [reason for _, reason in commitments.check(commitment).failed] == [0x0112] * 3


def test_who_may_not_store_is_offered_nothing(port: int, practice: Practice) -> None:
    nodes.add_remote(practice, "FINDER", Service.FIND)
    entity = AE("FINDER")
    entity.add_requested_context(SOP_CLASS)
    opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS)
    assert not opened.accepted_contexts
