"""Reports on associations that the destination opens: taken from who was asked, and from nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydicom import Dataset
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.dicom.network.command import Status
from apps.dimse.server import Server
from apps.jobs.models import Job
from apps.remotes.models import Remote, Service
from apps.routing.commitments import requests
from apps.routing.commitments.reports import Report
from apps.routing.commitments.taking import SOP_CLASS, SOP_INSTANCE
from apps.routing.models import CommitmentRequest, RequestState
from tests import dicoms
from tests.dimse import nodes
from tests.dimse.conftest import port, server
from tests.routing.keeping import deleting_rule, sent

__all__ = ["port", "server"]
UIDS = [dicoms.uid(1, 1, number) for number in (1, 2, 3)]


@pytest.fixture
def remote(transactional_db: None, practice: Practice) -> Remote:
    """A destination that may do nothing here but be asked."""
    nodes.add_entity(practice)
    return nodes.add_remote(practice, nodes.THEIRS, Service.ECHO)


@pytest.fixture
def asked(server: Server, practice: Practice, remote: Remote) -> CommitmentRequest:
    """It was asked about a study, and has said that it will look."""
    study: Study = sent(deleting_rule(practice, remote))
    (row,) = requests.of(study, remote)
    row.state = RequestState.ASKED
    row.save()
    return row


@contextmanager
def reporting(port: int, title: str = nodes.THEIRS, *, says_role: bool = True) -> Iterator[Association]:
    """An association of the destination's own making, on which it is the provider."""
    entity = AE(title)
    entity.add_requested_context(SOP_CLASS)
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid, role.scu_role, role.scp_role = SOP_CLASS, False, True
    negotiated: list[Any] = [role] if says_role else []
    opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS, ext_neg=negotiated)
    try:
        yield opened
    finally:
        if opened.is_established:
            opened.release()


def report(opened: Association, transaction: str, uids: list[str], *, kind: int = 1, sop_class: str = nodes.CT) -> int:
    """The status of the report that these are kept."""
    dataset = Dataset()
    dataset.TransactionUID = transaction
    dataset.ReferencedSOPSequence = []
    for uid in uids:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
        dataset.ReferencedSOPSequence.append(item)
    answer, _ = opened.send_n_event_report(dataset, kind, SOP_CLASS, SOP_INSTANCE)
    return int(answer.Status)


def test_a_destination_calls_back_and_is_heard(port: int, asked: CommitmentRequest) -> None:
    with reporting(port) as opened:
        assert report(opened, asked.transaction_uid, UIDS) == Status.SUCCESS
        # One that has not heard the answer tells it again.
        assert report(opened, asked.transaction_uid, UIDS) == Status.SUCCESS
    asked.refresh_from_db()
    assert (asked.state, asked.failed) == (RequestState.COMMITTED, 0)
    assert Job.objects.get(kind=requests.CLEAR).parameters == {"study": asked.study_id}


@pytest.mark.parametrize(
    ("told", "missing"), [({"uids": UIDS[:2]}, 1), ({"uids": UIDS, "sop_class": "1.2.3"}, 3), ({"uids": []}, 3)]
)
def test_what_is_not_named_is_not_promised(
    port: int, asked: CommitmentRequest, told: dict[str, Any], missing: int
) -> None:
    with reporting(port) as opened:
        assert report(opened, asked.transaction_uid, **told) == Status.SUCCESS
    asked.refresh_from_db()
    assert (asked.state, asked.failed) == (RequestState.WAITING, missing)
    assert not Job.objects.filter(kind=requests.CLEAR).exists()


def test_one_without_roles_is_heard_where_its_context_is_taken(port: int, asked: CommitmentRequest) -> None:
    with nodes.calling(port, [(SOP_CLASS, (nodes.EXPLICIT,))]) as opened:
        (context,) = opened.contexts.values()
        assert context.as_scu


def test_what_nobody_asked_about_is_not_taken(port: int, asked: CommitmentRequest) -> None:
    with reporting(port) as opened:
        assert report(opened, "1.2.3.4", UIDS) == Status.PROCESSING_FAILURE
        assert report(opened, asked.transaction_uid, UIDS, kind=3) == Status.NO_SUCH_EVENT_TYPE
    asked.refresh_from_db()
    assert asked.state == RequestState.ASKED


def test_nobody_else_speaks_for_the_destination(port: int, practice: Practice, asked: CommitmentRequest) -> None:
    other = nodes.add_remote(practice, "OTHER", Service.ECHO)
    CommitmentRequest.objects.create(
        practice=practice, remote=other, study_instance_uid="1.2", study_version=1, transaction_uid="1.2.9",
        references=[], instances=0, state=RequestState.ASKED,
    )  # fmt: skip
    with reporting(port, "OTHER") as opened:
        assert report(opened, asked.transaction_uid, UIDS) == Status.PROCESSING_FAILURE
    asked.refresh_from_db()
    assert asked.state == RequestState.ASKED


def test_another_practice_s_remote_does_not_either(
    port: int, other_practice: Practice, asked: CommitmentRequest
) -> None:
    """One of the same AE title at the same place calls the other practice."""
    nodes.add_entity(other_practice, "SOUTH")
    southern = nodes.add_remote(other_practice, nodes.THEIRS, Service.STORE)
    assert not requests.answered(other_practice.pk, southern.pk, _whole(asked))
    asked.refresh_from_db()
    assert asked.state == RequestState.ASKED


def test_who_was_asked_nothing_is_offered_nothing(port: int, remote: Remote) -> None:
    with reporting(port) as opened:
        assert not opened.accepted_contexts


def test_a_report_that_is_none_is_declined(port: int, asked: CommitmentRequest) -> None:
    nameless = Dataset()
    nameless.RetrieveAETitle = nodes.THEIRS
    with reporting(port) as opened:
        answer, _ = opened.send_n_event_report(nameless, 1, SOP_CLASS, SOP_INSTANCE)
    assert answer.Status == Status.PROCESSING_FAILURE


def _whole(asked: CommitmentRequest) -> Any:
    return Report(asked.transaction_uid, frozenset((nodes.CT, uid) for uid in UIDS), {})
