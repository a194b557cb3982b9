"""C-FIND at its edges: what is declined, rights, cancelling, the limit on matches, and what is on record."""

import pytest
from django.db import OperationalError
from pydicom import Dataset
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.audit import access
from apps.audit.models import Event
from apps.dicom.identifiers import encode
from apps.dicom.network.association import Association
from apps.dicom.network.command import Element, Field, Status, Value
from apps.dicom.network.errors import Aborted
from apps.dimse.offers import PLAIN
from apps.dimse.server import Server
from apps.remotes.models import Service
from tests.dicomweb.archive import keep
from tests.dimse import nodes
from tests.dimse.finding import PATIENT_ROOT, STUDY_ROOT, find, identifier, study

FIND = ((STUDY_ROOT, (nodes.IMPLICIT,)),)


@pytest.fixture
def people(server: Server, practice: Practice) -> None:
    """Four patients with a study each."""
    keep(practice, *(study(number, PatientID=f"P{number}", PatientName="Doe^Jane") for number in (1, 2, 3, 4)))


@pytest.mark.parametrize(
    ("asked", "model", "status"),
    [
        (identifier("", PatientID="P1"), STUDY_ROOT, Status.NOT_OF_SOP_CLASS),
        (identifier("PATIENT", PatientID="P1"), STUDY_ROOT, Status.NOT_OF_SOP_CLASS),
        (identifier("FRAME", PatientID="P1"), PATIENT_ROOT, Status.NOT_OF_SOP_CLASS),
        (identifier("STUDY", StudyInstanceUID="no UID"), STUDY_ROOT, Status.CANNOT_UNDERSTAND),
        (identifier("STUDY", RequestAttributesSequence=[Dataset()] * 2), STUDY_ROOT, Status.CANNOT_UNDERSTAND),
    ],
)
def test_what_cannot_be_answered_is_declined_in_words(
    port: int, people: None, asked: Dataset, model: str, status: int
) -> None:
    found = find(port, asked, model=model)
    assert (found.status, found.matches) == (status, [])
    assert 10 < len(found.comment) <= 64


def test_the_comment_does_not_repeat_what_was_asked(port: int, people: None) -> None:
    found = find(port, identifier("STUDY", StudyInstanceUID="Doe Jane"))
    assert found.status == Status.CANNOT_UNDERSTAND
    assert "Doe" not in found.comment


def test_a_remote_without_the_service_is_told_so(port: int, people: None, practice: Practice) -> None:
    nodes.add_remote(practice, "GETTER", Service.ECHO, Service.GET)
    with nodes.calling(port, ((STUDY_ROOT, (nodes.IMPLICIT,)),), calling="GETTER") as association:
        assert association.contexts == {}


def test_a_request_that_should_not_have_come_is_not_answered(
    port: int, people: None, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.dimse.conversation.offers", lambda *_: {STUDY_ROOT: PLAIN}.get)
    nodes.add_remote(practice, "GETTER", Service.ECHO, Service.GET)
    found = find(port, identifier("STUDY", PatientID=None), title="GETTER")
    assert (found.status, found.matches) == (Status.NOT_AUTHORISED, [])


def test_an_index_that_fails_is_told_in_words(port: int, people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("the disk is on fire")

    with monkeypatch.context() as patch:
        patch.setattr("apps.dimse.services.find.Query.matches", fail)
        found = find(port, identifier("STUDY", PatientID=None))
        assert found.status == Status.OUT_OF_RESOURCES
        assert "fire" not in found.comment
    assert find(port, identifier("STUDY", PatientID=None)).status == Status.SUCCESS


def test_another_practice_sees_nothing_of_it(port: int, people: None, other_practice: Practice) -> None:
    nodes.add_entity(other_practice, "SOUTH")
    nodes.add_remote(other_practice, "OTHER")
    for level, model in (
        ("PATIENT", PATIENT_ROOT),
        ("STUDY", STUDY_ROOT),
        ("SERIES", STUDY_ROOT),
        ("IMAGE", STUDY_ROOT),
    ):
        found = find(port, identifier(level, PatientID="*"), model=model, title="OTHER", called="SOUTH")
        assert (found.status, found.matches) == (Status.SUCCESS, [])


def question(association: Association, message_id: int = 7, data: bytes | None = None) -> bytes:
    """A C-FIND-RQ for all studies in the association's one context."""
    (context,) = association.contexts.values()
    if data is None:
        known = {"00080052": {"vr": "CS", "Value": ["STUDY"]}, "00100020": {"vr": "LO"}}
        data = encode(known, context.transfer_syntax)
    command: dict[int, Value] = {
        Element.COMMAND_FIELD: Field.C_FIND, Element.MESSAGE_ID: message_id, Element.PRIORITY: 0,
        Element.AFFECTED_SOP_CLASS: context.abstract_syntax, Element.DATA_SET_TYPE: 0,
    }  # fmt: skip
    return b"".join(association.message_parts(context, command, data))


def cancel(association: Association, message_id: int) -> bytes:
    """A C-CANCEL-RQ."""
    (context,) = association.contexts.values()
    command: dict[int, Value] = {
        Element.COMMAND_FIELD: Field.C_CANCEL, Element.ANSWERED_MESSAGE_ID: message_id, Element.DATA_SET_TYPE: 0x0101,
    }  # fmt: skip
    return b"".join(association.message_parts(context, command))


def statuses(association: Association) -> list[int]:
    """Those of all answers, to the last."""
    found = list[int]()
    while not found or found[-1] in (Status.PENDING, Status.PENDING_WARNING):
        answer = association.receive(nodes.PATIENCE)
        assert answer is not None
        found.append(answer.command.status)
    return found


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is written by itself."""
    monkeypatch.setattr("apps.dimse.services.answering.BATCH", 1)


def test_a_cancel_ends_it_at_once(port: int, people: None, one_by_one: None) -> None:
    with nodes.calling(port, FIND) as association:
        association.wire.write(question(association) + cancel(association, 7))
        told = statuses(association)
        assert told[-1] == Status.CANCEL
        assert len(told) == 2
        association.wire.write(question(association))
        assert statuses(association)[-1] == Status.SUCCESS
        association.release()


def test_a_cancel_of_something_else_ends_nothing(port: int, people: None, one_by_one: None) -> None:
    with nodes.calling(port, FIND) as association:
        association.wire.write(question(association) + cancel(association, 6))
        assert statuses(association) == [Status.PENDING] * 4 + [Status.SUCCESS]


def test_a_second_request_before_the_end_is_against_the_rules(port: int, people: None, one_by_one: None) -> None:
    with nodes.calling(port, FIND) as association:
        association.wire.write(question(association) + question(association, 8))
        with pytest.raises(Aborted):
            statuses(association)
    assert nodes.is_answered(port)


@pytest.mark.parametrize("ending", ["release", "abort", "close"])
def test_whoever_leaves_meanwhile_harms_nobody(port: int, people: None, one_by_one: None, ending: str) -> None:
    with nodes.calling(port, FIND) as association:
        association.wire.write(question(association))
        getattr(association.wire if ending == "close" else association, ending)()
    assert nodes.is_answered(port)


def test_dcmtk_cancels(port: int, people: None, one_by_one: None) -> None:
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID")
    done = nodes.dcmtk("findscu", port, "-S", "--cancel", "1", "-d", *keys)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("level", ["PATIENT", "STUDY", "SERIES", "IMAGE"])
def test_of_more_matches_than_the_limit_the_newest_come(
    port: int, people: None, settings: Settings, level: str
) -> None:
    settings.DIMSE_MATCHES = 3
    found = find(port, identifier(level, PatientID=None), model=PATIENT_ROOT)
    assert (found.status, found.values("PatientID")) == (Status.OUT_OF_RESOURCES, ["P2", "P3", "P4"])
    assert "3 matches" in found.comment
    settings.DIMSE_MATCHES = 4
    assert find(port, identifier(level, PatientID=None), model=PATIENT_ROOT).status == Status.SUCCESS


def test_pages_join(port: int, people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.dimse.services.find.PAGE", 3)
    found = find(port, identifier("SERIES", PatientID=None, PatientBirthTime=None))
    assert (found.status, found.values("PatientID")) == (Status.SUCCESS, ["P1", "P2", "P3", "P4"])


@pytest.mark.parametrize("data", [b"", b"\x08\x00R\x00\xff\xff\xff\x7fSTUDY ", bytes(40), b"nonsense" * 9])
def test_an_identifier_that_is_none_is_declined(port: int, people: None, data: bytes) -> None:
    with nodes.calling(port, FIND) as association:
        association.wire.write(question(association, data=data))
        assert statuses(association)[0] in (Status.CANNOT_UNDERSTAND, Status.NOT_OF_SOP_CLASS)
        association.wire.write(question(association))
        assert statuses(association)[-1] == Status.SUCCESS


def test_who_searched_by_what_is_on_record(port: int, people: None) -> None:
    find(port, identifier("STUDY", PatientName="Doe*", PatientID=None))
    find(port, identifier("PATIENT", PatientID="P1"), model=PATIENT_ROOT)
    access.flush()
    events = Event.objects.filter(action=Event.Action.QUERY)
    told = {(event.source, event.detail, event.count, event.via) for event in events}
    assert told == {("C-FIND studies", "00100010", 4, "DIMSE"), ("C-FIND patients", "00100020", 1, "DIMSE")}
    assert not any("Doe" in str(vars(event)) for event in events)
