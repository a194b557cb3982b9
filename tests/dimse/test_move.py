"""C-MOVE: what arrives at the destination, and what the one who asked is told."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless, UltrasoundMultiFrameImageStorage

from apps.accounts.models import Practice
from apps.audit.models import Event
from apps.dicom.network.command import Element, Field, Status, Value
from apps.dimse.server import Server
from apps.remotes.models import Remote, Service
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.dimse.fetching import PATIENT_MOVE, STUDY_MOVE, identifier, move
from tests.dimse.nodes import calling, dcmtk
from tests.live import wait_until
from tests.remotes.storing import SYNTAXES, TITLE, Storing, storing
from tests.remotes.test_sending import rle
from tests.servers import free_port

STUDY = identifier("STUDY", StudyInstanceUID=dicoms.STUDY_UID)
US = UltrasoundMultiFrameImageStorage


@pytest.fixture
def peer(server: Server, practice: Practice) -> Iterator[Storing]:
    """A destination of the practice that takes slices, uncompressed; three of them are here."""
    keep(practice, *dicoms.ct_series(3))
    with storing((nodes.CT, SYNTAXES)) as peer:
        nodes.add_remote(practice, TITLE, Service.ECHO, port=peer.port)
        yield peer


def test_a_study_arrives(port: int, peer: Storing) -> None:
    moved = move(port, STUDY, TITLE)
    assert moved.status == Status.SUCCESS
    assert moved.counts == {"completed": 3, "failed": 0, "warning": 0}
    assert list(peer.datasets) == [dicoms.uid(1, 1, number) for number in (1, 2, 3)]
    assert {(each.MoveOriginatorApplicationEntityTitle, each.MoveOriginatorMessageID) for each in peer.requests} == {
        (nodes.THEIRS, 1)
    }


def test_a_patient_s_studies_arrive(port: int, peer: Storing) -> None:
    moved = move(port, identifier("PATIENT", PatientID="P1"), TITLE, model=PATIENT_MOVE)
    assert (moved.status, len(peer.files)) == (Status.SUCCESS, 3)


def test_dcmtk_s_move_arrives_at_dcmtk_s_server(port: int, practice: Practice, tmp_path: Path) -> None:
    keep(practice, *dicoms.ct_series(2), dicoms.ct_slice(InstanceNumber=3, transfer_syntax=nodes.IMPLICIT))
    folder, at = tmp_path / "got", free_port()
    folder.mkdir()
    nodes.add_remote(practice, "DCMTK", Service.ECHO, port=at)
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={dicoms.STUDY_UID}")
    with subprocess.Popen(["storescp", "-od", str(folder), "+xa", str(at)]) as destination:
        wait_until(lambda: dcmtk("echoscu", at).returncode == 0)
        done = dcmtk("movescu", port, "-v", "-S", "-aem", "DCMTK", *keys)
        destination.terminate()
    assert done.returncode == 0, done.stdout
    syntaxes = {dcmread(path).InstanceNumber: dcmread(path).file_meta.TransferSyntaxUID for path in folder.iterdir()}
    assert syntaxes == {1: nodes.EXPLICIT, 2: nodes.EXPLICIT, 3: nodes.IMPLICIT}


def test_what_is_compressed_arrives_uncompressed_where_it_must(port: int, practice: Practice, peer: Storing) -> None:
    keep(practice, rle(4))
    assert move(port, STUDY, TITLE).status == Status.SUCCESS
    assert RLELossless not in peer.syntaxes()


def test_preferred_transfer_syntaxes_are_kept_to(port: int, practice: Practice, server: Server) -> None:
    keep(practice, dicoms.ct_slice())
    with storing((nodes.CT, (*SYNTAXES, RLELossless))) as peer:
        nodes.add_remote(practice, TITLE, port=peer.port, transfer_syntaxes=f"{RLELossless} {nodes.EXPLICIT}")
        move(port, STUDY, TITLE)
        assert peer.syntaxes() == [RLELossless]


def test_what_cannot_be_sent_fails_alone(port: int, practice: Practice, peer: Storing) -> None:
    keep(practice, dicoms.encapsulated([dicoms.jpeg_like()]), dicoms.secondary_capture())
    moved = move(port, STUDY, TITLE)
    assert moved.status == Status.WARNING_SUB_OPERATIONS
    assert moved.counts == {"completed": 3, "failed": 2, "warning": 0}
    assert moved.identifier is not None
    assert len(moved.identifier.FailedSOPInstanceUIDList) == 2
    assert len(peer.files) == 3


def test_an_unknown_destination_is_told(port: int, practice: Practice, peer: Storing) -> None:
    nodes.add_remote(practice, "OFF", is_active=False)
    nodes.add_remote(practice, "NOWHERE", host="", port=None)
    for title in ("NOBODY", "OFF", "NOWHERE", nodes.OURS):
        assert move(port, STUDY, title).status == Status.MOVE_DESTINATION_UNKNOWN


def test_another_practice_s_node_is_no_destination(port: int, other_practice: Practice, peer: Storing) -> None:
    nodes.add_remote(other_practice, "SOUTHERN", port=peer.port)
    assert move(port, STUDY, "SOUTHERN").status == Status.MOVE_DESTINATION_UNKNOWN
    assert not peer.files


def test_a_destination_that_is_down_has_failed(port: int, practice: Practice, peer: Storing) -> None:
    nodes.add_remote(practice, "DOWN", port=free_port())
    moved = move(port, STUDY, "DOWN")
    assert moved.status == Status.CANNOT_PERFORM_SUB_OPERATIONS
    assert moved.counts == {"completed": 0, "failed": 3, "warning": 0}
    (event,) = Event.objects.filter(action=Event.Action.SEND)
    assert (event.count, event.outcome) == (3, Event.Outcome.MINOR_FAILURE)


def test_another_practice_s_remote_moves_nothing(port: int, other_practice: Practice, peer: Storing) -> None:
    nodes.add_entity(other_practice, "SOUTH")
    nodes.add_remote(other_practice, "SOUTHERN", port=peer.port)
    with calling(port, ((STUDY_MOVE, (nodes.EXPLICIT,)),), calling="SOUTHERN", called="SOUTH") as association:
        data = dicoms.bare(STUDY, nodes.EXPLICIT)
        answer = nodes.ask(association, Field.C_MOVE, data, PRIORITY=0, MOVE_DESTINATION="SOUTHERN")
        assert (answer.command.status, answer.command.number(Element.COMPLETED)) == (Status.SUCCESS, 0)
    assert not peer.files


def test_who_may_not_move_is_offered_nothing(port: int, practice: Practice, peer: Storing) -> None:
    nodes.add_remote(practice, "GETTER", Service.GET)
    with calling(port, ((STUDY_MOVE, (nodes.EXPLICIT,)),), calling="GETTER") as association:
        assert not association.contexts


def test_what_a_remote_moves_is_on_record(port: int, remote: Remote, peer: Storing) -> None:
    move(port, STUDY, TITLE)
    event = Event.objects.get(action=Event.Action.SEND)
    assert (event.detail, event.count, event.study_instance_uid) == (TITLE, 3, dicoms.STUDY_UID)
    assert (event.practice_id, event.outcome, event.source) == (remote.practice_id, Event.Outcome.SUCCESS, "C-MOVE")


def test_a_cancel_ends_it_between_two_instances(port: int, peer: Storing) -> None:
    with calling(port, ((STUDY_MOVE, (nodes.EXPLICIT,)),)) as association:
        (context,) = association.contexts.values()
        request: dict[int, Value] = {
            Element.COMMAND_FIELD: Field.C_MOVE, Element.MESSAGE_ID: 5, Element.PRIORITY: 0, Element.DATA_SET_TYPE: 0,
            Element.AFFECTED_SOP_CLASS: STUDY_MOVE, Element.MOVE_DESTINATION: TITLE,
        }  # fmt: skip
        cancel: dict[int, Value] = {
            Element.COMMAND_FIELD: Field.C_CANCEL, Element.ANSWERED_MESSAGE_ID: 5, Element.DATA_SET_TYPE: 0x0101,
        }  # fmt: skip
        parts = association.message_parts(context, request, dicoms.bare(STUDY, nodes.EXPLICIT))
        association.wire.write_parts(parts + association.message_parts(context, cancel))
        while (answer := association.receive()) and answer.command.status == Status.PENDING:
            pass
    assert answer is not None
    assert answer.command.status == Status.CANCEL
    assert answer.command.number(Element.REMAINING) + len(peer.files) == 3
    assert len(peer.files) < 3
