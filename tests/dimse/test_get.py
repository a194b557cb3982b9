"""C-GET: what a remote that may fetch gets, as pynetdicom's and dcmtk's clients ask for it."""

from io import BytesIO
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import JPEGLSLossless, RLELossless, SecondaryCaptureImageStorage, UltrasoundMultiFrameImageStorage

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from apps.dicom.network.command import Element, Field, Status, Value
from apps.dicom.network.pdu import Role
from apps.dimse.server import Server
from apps.remotes.models import Remote, Service
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.dimse.fetching import PATIENT_GET, STUDY_GET, get, identifier
from tests.dimse.nodes import calling, dcmtk
from tests.remotes.storing import SYNTAXES
from tests.remotes.test_sending import rle

STUDY = identifier("STUDY", StudyInstanceUID=dicoms.STUDY_UID)
UIDS = [dicoms.uid(1, 1, number) for number in (1, 2, 3)]


@pytest.fixture
def slices(server: Server, practice: Practice) -> None:
    """A series of three slices."""
    keep(practice, *dicoms.ct_series(3))


def test_dcmtk_gets_a_study(port: int, slices: None, tmp_path: Path) -> None:
    folder = tmp_path / "got"
    folder.mkdir()
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={dicoms.STUDY_UID}")
    done = dcmtk("getscu", port, "-v", "-S", "-od", str(folder), *keys)
    assert done.returncode == 0, done.stdout
    got = {dcmread(path).SOPInstanceUID: dcmread(path) for path in folder.iterdir()}
    assert set(got) == set(UIDS)
    assert got[UIDS[0]] == dcmread(BytesIO(dicoms.ct_slice()))


@pytest.mark.parametrize(
    ("asked", "model", "expected"),
    [
        (identifier("STUDY", StudyInstanceUID=dicoms.STUDY_UID), STUDY_GET, UIDS),
        (identifier("STUDY", StudyInstanceUID=["1.2.3", dicoms.STUDY_UID]), STUDY_GET, UIDS),
        (identifier("SERIES", StudyInstanceUID=dicoms.STUDY_UID, SeriesInstanceUID=dicoms.SERIES_UID), STUDY_GET, UIDS),
        (identifier("SERIES", StudyInstanceUID="1.2.3", SeriesInstanceUID=dicoms.SERIES_UID), STUDY_GET, []),
        (identifier("IMAGE", SOPInstanceUID=UIDS[1]), STUDY_GET, UIDS[1:2]),
        (identifier("IMAGE", SeriesInstanceUID=dicoms.SERIES_UID, SOPInstanceUID=UIDS[1:]), STUDY_GET, UIDS[1:]),
        (identifier("PATIENT", PatientID="P1"), PATIENT_GET, UIDS),
        (identifier("PATIENT", PatientID="P*"), PATIENT_GET, []),
        (identifier("STUDY", PatientID="P2", StudyInstanceUID=dicoms.STUDY_UID), PATIENT_GET, []),
    ],
)
def test_what_is_asked_for_comes_in_order(
    port: int, slices: None, asked: Dataset, model: str, expected: list[str]
) -> None:
    fetched = get(port, asked, model=model)
    assert list(fetched.datasets) == expected
    assert fetched.status == Status.SUCCESS
    assert fetched.counts == {"completed": len(expected), "failed": 0, "warning": 0}


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        (identifier("STUDY"), STUDY_GET),
        (identifier("STUDY", StudyInstanceUID=""), STUDY_GET),
        (identifier("STUDY", StudyInstanceUID="1.2.*"), STUDY_GET),
        (identifier("PATIENT", PatientID="P1"), STUDY_GET),
        (identifier("", StudyInstanceUID=dicoms.STUDY_UID), STUDY_GET),
        (identifier("FRAME", StudyInstanceUID=dicoms.STUDY_UID), PATIENT_GET),
    ],
)
def test_an_identifier_that_is_none_is_declined(port: int, slices: None, asked: Dataset, model: str) -> None:
    fetched = get(port, asked, model=model)
    assert fetched.status == Status.NOT_OF_SOP_CLASS
    assert fetched.statuses[-1].ErrorComment
    assert not fetched.files


def test_what_is_compressed_is_sent_to_who_takes_only_uncompressed(port: int, practice: Practice) -> None:
    keep(practice, rle(), dicoms.ct_slice())
    for syntax in SYNTAXES:
        fetched = get(port, STUDY, storage=((nodes.CT, [syntax]),))
        assert fetched.status == Status.SUCCESS
        assert {each.file_meta.TransferSyntaxUID for each in fetched.datasets.values()} == {syntax}


def test_each_context_gets_what_it_offers(port: int, practice: Practice) -> None:
    keep(practice, rle(), dicoms.ct_slice())
    fetched = get(port, STUDY, storage=((nodes.CT, [RLELossless]), (nodes.CT, SYNTAXES)))
    assert [each.file_meta.TransferSyntaxUID for each in fetched.datasets.values()] == [SYNTAXES[0], RLELossless]
    fetched = get(port, STUDY, storage=((nodes.CT, [JPEGLSLossless, *SYNTAXES]),))
    assert {each.file_meta.TransferSyntaxUID for each in fetched.datasets.values()} == {SYNTAXES[0]}


def test_what_cannot_be_sent_is_counted_and_the_rest_comes(port: int, practice: Practice) -> None:
    broken = dicoms.encapsulated([dicoms.jpeg_like()])
    keep(practice, dicoms.ct_slice(), broken, dicoms.secondary_capture())
    storage = ((nodes.CT, SYNTAXES), (UltrasoundMultiFrameImageStorage, SYNTAXES))
    fetched = get(port, STUDY, storage=storage)
    assert fetched.status == Status.WARNING_SUB_OPERATIONS
    assert fetched.counts == {"completed": 1, "failed": 2, "warning": 0}
    assert fetched.identifier is not None
    failed = {dcmread(BytesIO(data)).SOPInstanceUID for data in (broken, dicoms.secondary_capture())}
    assert set(fetched.identifier.FailedSOPInstanceUIDList) == failed


def test_where_nothing_could_be_sent_it_has_failed(port: int, slices: None) -> None:
    fetched = get(port, STUDY, storage=((SecondaryCaptureImageStorage, SYNTAXES),))
    assert fetched.status == Status.CANNOT_PERFORM_SUB_OPERATIONS
    assert fetched.counts == {"completed": 0, "failed": 3, "warning": 0}


def test_the_statuses_of_who_gets_count(port: int, slices: None) -> None:
    answers = {UIDS[0]: 0xB000, UIDS[1]: 0xA700}
    fetched = get(port, STUDY, take=lambda event: answers.get(event.request.AffectedSOPInstanceUID, 0))
    assert fetched.status == Status.WARNING_SUB_OPERATIONS
    assert fetched.counts == {"completed": 1, "failed": 1, "warning": 1}
    assert fetched.identifier is not None
    assert fetched.identifier.FailedSOPInstanceUIDList == UIDS[1]


def test_a_cancel_ends_it_between_two_instances(port: int, slices: None) -> None:
    contexts = ((STUDY_GET, (nodes.EXPLICIT,)), (nodes.CT, (nodes.EXPLICIT,)))
    with calling(port, contexts, roles=[Role(nodes.CT, scu=False, scp=True)]) as association:
        model, storage = association.contexts.values()
        command: dict[int, Value] = {
            Element.COMMAND_FIELD: Field.C_GET, Element.MESSAGE_ID: 5, Element.PRIORITY: 0, Element.DATA_SET_TYPE: 0,
            Element.AFFECTED_SOP_CLASS: STUDY_GET,
        }  # fmt: skip
        association.send(model, command, dicoms.bare(STUDY, nodes.EXPLICIT))
        first = association.receive()
        assert first is not None
        assert first.context == storage
        cancel: dict[int, Value] = {
            Element.COMMAND_FIELD: Field.C_CANCEL,
            Element.ANSWERED_MESSAGE_ID: 5,
            Element.DATA_SET_TYPE: 0x0101,
        }
        association.send(model, cancel)
        association.send(storage, first.command.answer(Status.SUCCESS))
        final = association.receive()
        assert final is not None
        assert final.command.status == Status.CANCEL
        assert (final.command.number(Element.REMAINING), final.command.number(Element.COMPLETED)) == (2, 1)
        association.release()


def test_what_a_remote_gets_is_on_record(port: int, remote: Remote, slices: None) -> None:
    get(port, STUDY)
    access.flush()
    event = Event.objects.get(action=Event.Action.ACCESS)
    assert (event.source, event.count, event.study_instance_uid) == ("instances", 3, dicoms.STUDY_UID)
    assert event.practice_id == remote.practice_id
    assert event.address == "127.0.0.1"


def test_who_may_not_get_is_told_so(port: int, practice: Practice, slices: None) -> None:
    nodes.add_remote(practice, "FINDER", Service.FIND, Service.STORE)
    with calling(port, ((STUDY_GET, (nodes.EXPLICIT,)),), calling="FINDER") as association:
        assert not association.contexts


def test_another_practice_s_remote_gets_nothing(
    port: int, practice: Practice, other_practice: Practice, slices: None
) -> None:
    nodes.add_entity(other_practice, "SOUTH")
    nodes.add_remote(other_practice, "THEIRS")
    contexts = ((STUDY_GET, (nodes.EXPLICIT,)), (nodes.CT, (nodes.EXPLICIT,)))
    roles = [Role(nodes.CT, scu=False, scp=True)]
    with calling(port, contexts, roles=roles, calling="THEIRS", called="SOUTH") as association:
        answer = nodes.ask(association, Field.C_GET, dicoms.bare(STUDY, nodes.EXPLICIT), PRIORITY=0)
        assert answer.command.field == Field.C_GET | 0x8000
        assert answer.command.status == Status.SUCCESS
        assert answer.command.number(Element.COMPLETED) == 0
