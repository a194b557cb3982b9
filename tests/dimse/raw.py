"""Connections of peers that don't keep to the protocol: bytes as they like."""

import socket
import struct
from typing import Final

from apps.dicom.network import pdu
from apps.dicom.network.command import Element, encode
from apps.dicom.network.pdu import AssociateRequest, ProposedContext, UserInformation
from tests.dimse import nodes

COMMAND: Final = 1
LAST: Final = 2
# One that does nothing but wait for its answer.
ECHO: Final = encode(
    {
        Element.AFFECTED_SOP_CLASS: nodes.VERIFICATION,
        Element.COMMAND_FIELD: 0x0030,
        Element.MESSAGE_ID: 1,
        Element.DATA_SET_TYPE: 0x0101,
    }
)


def request(sop_class: str = nodes.CT, syntax: str = nodes.EXPLICIT, *, longest: int = 16384) -> bytes:
    """A request for an association that is in order."""
    user = UserInformation(longest, nodes.SOFTWARE.class_uid, nodes.SOFTWARE.version_name)
    return AssociateRequest(nodes.OURS, nodes.THEIRS, (ProposedContext(1, sop_class, (syntax,)),), user).encode()


def head(kind: int, length: int) -> bytes:
    """A PDU's first six bytes, whatever comes after them."""
    return pdu.HEAD.pack(kind, length)


def value(data: bytes, flags: int = COMMAND | LAST, context: int = 1) -> bytes:
    """A presentation data value."""
    return struct.pack(">IBB", len(data) + 2, context, flags) + data


def data(*values: bytes) -> bytes:
    """A P-DATA-TF PDU of these values."""
    body = b"".join(values)
    return head(pdu.Type.DATA, len(body)) + body


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), nodes.PATIENCE)


def associate(port: int, sop_class: str = nodes.CT) -> socket.socket:
    """A connection with an association."""
    stream = connect(port)
    stream.sendall(request(sop_class))
    kind, _ = read(stream)
    assert kind == pdu.Type.ASSOCIATE_AC
    return stream


def read(stream: socket.socket) -> tuple[int, bytes]:
    """The next PDU's type and body; type 0 where the connection has ended."""
    first = _exactly(stream, pdu.HEAD.size)
    if len(first) < pdu.HEAD.size:
        return 0, b""
    kind, length = pdu.HEAD.unpack(first)
    return kind, _exactly(stream, length)


def _exactly(stream: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        try:
            piece = stream.recv(size - len(data))
        except ConnectionError:
            return data
        if not piece:
            return data
        data += piece
    return data


def reset(stream: socket.socket) -> None:
    """Close the connection as a machine does that has lost it."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()
