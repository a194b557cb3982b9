"""The DICOM server: C-ECHO from all sorts of clients, what it says to what it does not know, and how it ends."""

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import Verification

from apps.accounts.models import Practice
from apps.dicom.network.command import Field, Status
from apps.dicom.network.errors import Aborted, Rejected
from apps.dicom.network.pdu import Rejection
from apps.dimse.server import Server
from apps.remotes.models import Remote, Service
from tests.dimse import nodes
from tests.dimse.nodes import ask, calling, dcmtk, echo
from tests.dimse.site import DicomSite, Process


def test_an_echo_is_answered(port: int) -> None:
    with calling(port) as association:
        assert [echo(association), echo(association)] == [0, 0]
        association.release()


def test_dcmtk_s_echo_is_answered(port: int) -> None:
    done = dcmtk("echoscu", port, "-v", "--repeat", "3")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Received Echo Response (Success)") == 3


def test_pynetdicom_s_echo_is_answered(port: int) -> None:
    entity = AE(nodes.THEIRS)
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", port, ae_title=nodes.OURS)
    assert association.is_established
    assert association.send_c_echo().Status == 0
    association.release()


@pytest.mark.parametrize(
    ("titles", "reason"),
    [
        ({"called": "NOBODY"}, Rejection.CALLED_AE_TITLE_NOT_RECOGNISED),
        ({"calling": "INTRUDER"}, Rejection.CALLING_AE_TITLE_NOT_RECOGNISED),
    ],
)
def test_strangers_are_refused(port: int, titles: dict[str, str], reason: Rejection) -> None:
    with pytest.raises(Rejected) as refused, calling(port, **titles):
        pass
    assert refused.value.rejection == reason


def test_a_request_that_there_is_not_gets_an_answer_that_says_so(port: int) -> None:
    with calling(port) as association:
        assert ask(association, Field.N_DELETE).command.status == Status.UNRECOGNISED_OPERATION
        assert echo(association) == 0


def test_a_request_in_a_context_of_another_service_is_declined(port: int) -> None:
    with calling(port) as association:
        assert ask(association, Field.C_STORE, bytes(40)).command.status == Status.SOP_CLASS_NOT_SUPPORTED
        assert echo(association) == 0


def test_a_cancel_without_an_operation_is_passed_over(port: int) -> None:
    with calling(port) as association:
        context = next(iter(association.contexts.values()))
        association.send(context, {0x0100: Field.C_CANCEL, 0x0120: 1, 0x0800: 0x0101})
        assert echo(association) == 0


def test_an_answer_that_nothing_was_asked_for_ends_the_association(port: int) -> None:
    with calling(port) as association, pytest.raises(Aborted):
        ask(association, Field(Field.C_ECHO), COMMAND_FIELD=0x8030)


def test_who_may_not_store_is_offered_no_storage(practice: Practice, server: Server) -> None:
    nodes.add_remote(practice, "ASKER", Service.ECHO, Service.FIND)
    with calling(server.ports[0], [(nodes.CT, [nodes.EXPLICIT])], calling="ASKER") as association:
        assert not association.contexts


def test_associations_end_with_the_server(remote: Remote, server: Server) -> None:
    with calling(server.ports[0]) as association:
        echo(association)
        server.stop()
        with pytest.raises(Aborted):
            association.receive(nodes.PATIENCE)


def test_a_process_answers_and_ends_in_order(site: DicomSite) -> None:
    with site.answering() as process:
        assert nodes.is_answered(process.port)
    assert "ended=released messages=C-ECHO:1" in site.log()


def test_an_address_in_use_is_refused_with_the_setting_to_change(site: DicomSite, process: Process) -> None:
    assert "Choose another by FOVEA_DIMSE" in site.run("dicom_server")
