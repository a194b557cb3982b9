"""PDUs and command sets (PS3.8 9.3): read as they were written, and what is none is refused in our own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ

from apps.dicom.network import pdu
from apps.dicom.network.command import Command, Element, Field, encode
from apps.dicom.network.errors import ProtocolError
from apps.dicom.network.pdu import (
    AnsweredContext,
    AssociateAccept,
    AssociateRequest,
    Malformed,
    ProposedContext,
    Role,
    UserIdentity,
    UserInformation,
)

HEAD = pdu.HEAD.size
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\"), max_size=16)
UIDS = st.from_regex(r"\A[1-9][0-9.]{0,62}[1-9]\Z")
IDS = st.integers(0, 127).map(lambda number: 2 * number + 1)
CONTEXTS = st.builds(ProposedContext, IDS, UIDS, st.lists(UIDS, max_size=5).map(tuple))
ANSWERS = st.builds(AnsweredContext, st.integers(0, 255), st.integers(0, 4), UIDS)
USERS = st.builds(
    UserInformation,
    max_length=st.integers(0, 0xFFFFFFFF),
    implementation_class_uid=UIDS,
    implementation_version_name=TEXTS,
    roles=st.lists(st.builds(Role, UIDS, st.booleans(), st.booleans()), max_size=5).map(tuple),
    extended=st.dictionaries(UIDS, st.binary(max_size=20), max_size=5),
    identity=st.none()
    | st.builds(UserIdentity, st.integers(1, 5), st.binary(max_size=40), st.binary(max_size=40), st.booleans()),
    identity_answer=st.none() | st.binary(max_size=40),
)
REQUESTS = st.builds(
    AssociateRequest, TEXTS, TEXTS, st.lists(CONTEXTS, max_size=8, unique_by=lambda each: each.id).map(tuple), USERS
)
ACCEPTS = st.builds(AssociateAccept, TEXTS, TEXTS, st.lists(ANSWERS, max_size=8).map(tuple), USERS)
VALUES = st.dictionaries(st.sampled_from(Element), st.integers(0, 0xFFFF), max_size=8)


@given(REQUESTS)
def test_a_request_is_read_as_it_was_written(request: AssociateRequest) -> None:
    assert AssociateRequest.parse(request.encode()[HEAD:]) == request


@given(ACCEPTS)
def test_an_answer_is_read_as_it_was_written(accept: AssociateAccept) -> None:
    assert AssociateAccept.parse(accept.encode()[HEAD:]) == accept


@given(REQUESTS.filter(lambda each: each.called and each.calling))
def test_pynetdicom_reads_the_same_in_a_request(request: AssociateRequest) -> None:
    read = A_ASSOCIATE_RQ()
    read.decode(request.encode())
    assert (read.called_ae_title, read.calling_ae_title) == (request.called, request.calling)
    assert [
        (each.context_id, each.abstract_syntax, tuple(each.transfer_syntax)) for each in read.presentation_context
    ] == [(each.id, each.abstract_syntax, each.transfer_syntaxes) for each in request.contexts]
    assert read.user_information.maximum_length == request.user.max_length


@given(ACCEPTS)
def test_pynetdicom_reads_the_same_in_an_answer(accept: AssociateAccept) -> None:
    read = A_ASSOCIATE_AC()
    read.decode(accept.encode())
    assert [(each.context_id, each.result) for each in read.presentation_context] == [
        (each.id, each.result) for each in accept.contexts
    ]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_request_or_refused(body: bytes) -> None:
    for kind in (AssociateRequest, AssociateAccept):
        try:
            kind.parse(bytes(68) + body)
        except Malformed:
            continue


@given(REQUESTS, st.data())
def test_a_request_that_ends_too_early_is_refused_or_shorter(request: AssociateRequest, data: st.DataObject) -> None:
    body = request.encode()[HEAD:]
    cut = data.draw(st.integers(0, len(body) - 1))
    try:
        assert AssociateRequest.parse(body[:cut]) != request
    except Malformed:
        return


@pytest.mark.parametrize("ids", [(1, 1), (2,), (0,)])
def test_contexts_without_odd_numbers_of_their_own_are_refused(ids: tuple[int, ...]) -> None:
    contexts = tuple(ProposedContext(each, "1.2", ("1.2",)) for each in ids)
    with pytest.raises(Malformed):
        AssociateRequest.parse(AssociateRequest("A", "B", contexts).encode()[HEAD:])


@given(VALUES, TEXTS, UIDS)
def test_a_command_set_is_read_as_it_was_written(numbers: dict[Element, int], text: str, uid: str) -> None:
    elements = {**numbers, Element.COMMAND_FIELD: 0x0030, Element.AFFECTED_SOP_CLASS: uid, Element.ERROR_COMMENT: text}
    command = Command.parse(encode(elements))
    assert command.field == Field.C_ECHO
    assert command.text(Element.AFFECTED_SOP_CLASS) == uid
    assert command.text(Element.ERROR_COMMENT) == text
    for element in numbers.keys() - {Element.COMMAND_FIELD, Element.AFFECTED_SOP_CLASS, Element.ERROR_COMMENT}:
        assert command.number(element) == numbers[element]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_command_set_or_refused(data: bytes) -> None:
    try:
        command = Command.parse(data)
    except ProtocolError:
        return
    encode(command.answer(0))
