"""Messages in and out of an association, however the network cuts them, and what is agreed on in the beginning."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.dicom.network import pdu
from apps.dicom.network.acceptor import Refused, Terms, accept, read_request
from apps.dicom.network.association import Association, Context
from apps.dicom.network.command import Element, encode
from apps.dicom.network.errors import Gone, ProtocolError
from apps.dicom.network.negotiation import Offer, agree
from apps.dicom.network.pdu import AssociateRequest, ProposedContext, Result, Role, UserInformation
from tests.dimse import nodes, raw, recorded

CONTEXT = Context(1, nodes.CT, nodes.EXPLICIT, as_scu=True)
COMMAND = {Element.COMMAND_FIELD: 0x0001, Element.MESSAGE_ID: 7, Element.DATA_SET_TYPE: 0}
STORED = Offer((nodes.EXPLICIT, nodes.IMPLICIT, "1.2.840.10008.1.2.4.50"), in_their_order=True, as_scu=True)


def association(data: bytes, *, piece: int = recorded.PIECE, longest: int = 0) -> Association:
    """An association with a peer that says this, and takes PDUs of so many bytes."""
    return Association(
        recorded.wire(data, piece), calling="A", called="B", contexts={1: CONTEXT}, user=UserInformation(longest)
    )


def proposal(*syntaxes: str, role: Role | None = None) -> AssociateRequest:
    user = UserInformation(roles=(role,) if role else ())
    return AssociateRequest("A", "B", (ProposedContext(1, nodes.CT, syntaxes),), user)


@given(st.lists(st.binary(max_size=500), max_size=4), st.integers(128, 600), st.integers(1, 700))
def test_messages_are_read_as_they_were_sent(data_sets: list[bytes], longest: int, piece: int) -> None:
    sender = association(b"", longest=longest)
    for data in data_sets:
        sender.send(CONTEXT, COMMAND, data)
    receiver = association(bytes(sender.wire.connection.sent) + pdu.RELEASE_RQ, piece=piece)
    for data in data_sets:
        message = receiver.receive()
        assert message is not None
        assert message.command.message_id == 7
        assert receiver.data_set_bytes(1000) == data
    assert receiver.receive() is None
    assert receiver.wire.connection.sent == pdu.RELEASE_RP


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(128, 400))
def test_pieces_come_out_as_one_data_set_of_fragments_of_even_length(pieces: list[bytes], longest: int) -> None:
    sender = association(b"", longest=longest)
    sender.send_pieces(CONTEXT, COMMAND, [piece + b"\0" * (len(piece) % 2) for piece in pieces])
    said = bytes(sender.wire.connection.sent)
    receiver = association(said)
    assert receiver.receive() is not None
    fragments = [bytes(piece) for piece in receiver.data_set()]
    assert b"".join(fragments) == b"".join(piece + b"\0" * (len(piece) % 2) for piece in pieces)
    assert all(len(fragment) % 2 == 0 for fragment in fragments)
    while said:
        _, length = pdu.HEAD.unpack_from(said)
        assert length <= longest
        said = said[pdu.HEAD.size + length :]


def test_what_was_not_read_of_a_data_set_is_passed_over() -> None:
    message = raw.data(raw.value(encode(COMMAND))) + raw.data(*[raw.value(bytes(50), 0)] * 3, raw.value(b"", raw.LAST))
    receiver = association(message * 3)
    for _ in range(3):
        assert receiver.receive() is not None
        next(receiver.data_set())


def test_a_data_set_that_is_too_long_is_refused() -> None:
    receiver = association(raw.data(raw.value(encode(COMMAND)), raw.value(bytes(101), raw.LAST)))
    receiver.receive()
    with pytest.raises(ProtocolError):
        receiver.data_set_bytes(100)


def test_values_left_in_a_pdu_are_waiting() -> None:
    receiver = association(raw.data(raw.value(raw.ECHO), raw.value(raw.ECHO)))
    receiver.receive()
    assert receiver.is_waiting()


def test_a_connection_that_ends_within_a_message_is_gone() -> None:
    said = raw.data(raw.value(raw.ECHO))
    for end in range(len(said)):
        with pytest.raises(Gone):
            association(said[:end]).receive()


def test_an_idle_connection_holds_no_buffer() -> None:
    receiver = association(raw.data(raw.value(encode(COMMAND)), raw.value(bytes(100_000), raw.LAST)))
    receiver.receive()
    assert len(receiver.data_set_bytes(100_000)) == 100_000
    assert len(receiver.wire._buffer) > 100_000
    receiver.wire.rest()
    assert len(receiver.wire._buffer) == 0


@pytest.mark.parametrize(
    ("proposed", "taken"),
    [
        ((nodes.IMPLICIT, nodes.EXPLICIT), nodes.EXPLICIT),
        (("1.2.840.10008.1.2.4.50", nodes.EXPLICIT), "1.2.840.10008.1.2.4.50"),
        (("1.2.3", nodes.IMPLICIT), nodes.IMPLICIT),
        (("1.2.3",), None),
        ((), None),
    ],
)
def test_the_requestor_s_order_counts_and_explicit_goes_before_implicit(proposed: tuple[str, ...], taken: str) -> None:
    assert STORED.chosen(proposed) == taken


def test_whom_objects_are_sent_to_gets_them_uncompressed_where_that_is_agreed() -> None:
    """PS3.4 C.4.3.3: the requestor of a C-GET is the SCP of the storage."""
    request = proposal("1.2.840.10008.1.2.4.50", nodes.IMPLICIT, role=Role(nodes.CT, scu=False, scp=True))
    agreement = agree(request, {nodes.CT: STORED}.get)
    assert agreement.contexts[1] == Context(1, nodes.CT, nodes.IMPLICIT, as_scu=True, as_scp=False)
    assert agreement.roles == (Role(nodes.CT, scu=False, scp=True),)


@pytest.mark.parametrize(("wanted", "offered"), list(itertools.product([(1, 0), (0, 1), (1, 1), (0, 0)], repeat=2)))
def test_roles_are_what_both_sides_have(wanted: tuple[int, int], offered: tuple[int, int]) -> None:
    """PS3.7 D.3.3.4: what is proposed may be turned down, and nothing is added."""
    offer = Offer((nodes.EXPLICIT,), as_scp=bool(offered[0]), as_scu=bool(offered[1]))
    role = Role(nodes.CT, bool(wanted[0]), bool(wanted[1]))
    agreement = agree(proposal(nodes.EXPLICIT, role=role), {nodes.CT: offer}.get)
    both = wanted[0] & offered[0], wanted[1] & offered[1]
    if any(both):
        assert agreement.roles == (Role(nodes.CT, bool(both[0]), bool(both[1])),)
    else:
        assert agreement.answers[0].result == Result.USER_REJECTION


def test_what_is_not_offered_is_answered_so() -> None:
    agreement = agree(proposal(nodes.EXPLICIT), {}.get)
    assert agreement.answers[0].result == Result.ABSTRACT_SYNTAX_NOT_SUPPORTED
    assert not agreement.contexts


@pytest.mark.parametrize(
    "change",
    [(b"\0\1\0\0", b"\0\2\0\0"), (b"1.2.840.10008.3.1.1.1", b"1.2.840.10008.3.1.1.2")],
    ids=["version", "application context"],
)
def test_requests_of_another_protocol_are_refused(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(Refused):
        read_request(recorded.wire(raw.request().replace(*change, 1)), 1.0)


def test_a_request_is_accepted_with_what_was_agreed() -> None:
    wire = recorded.wire(raw.request() + raw.data(raw.value(raw.ECHO)))
    accepted = accept(wire, read_request(wire, 1.0), Terms({nodes.CT: STORED}.get), nodes.SOFTWARE)
    assert accepted.contexts[1].transfer_syntax == nodes.EXPLICIT
    message = accepted.receive()
    assert message is not None
    assert message.command.field == 0x0030
