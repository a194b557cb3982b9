"""The readers of what comes by the DICOM network: a whole association, an answer to a request for one, identifiers."""

from typing import Final

from apps.dicom import identifiers
from apps.dicom.errors import Unreadable
from apps.dicom.network import pdu
from apps.dicom.network.acceptor import Refused, Terms, accept, read_request
from apps.dicom.network.errors import NetworkError
from apps.dicom.network.negotiation import Offer
from apps.dicom.network.pdu import AnsweredContext, AssociateAccept, Role, UserIdentity, UserInformation
from tests import dicoms
from tests.dimse import nodes, raw, recorded
from tests.fuzz.campaign import Target

OFFER: Final = Offer((nodes.EXPLICIT, nodes.IMPLICIT), as_scu=True)
USER: Final = UserInformation(
    roles=(Role(nodes.CT, scu=False, scp=True),),
    extended={nodes.CT: b"\1\1\0"},
    identity=UserIdentity(2, b"nora", b"secret", wants_answer=True),
)
QUESTION: Final = {
    "00080052": {"vr": "CS", "Value": ["STUDY"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "M*"}]},
    "00081110": {"vr": "SQ", "Value": [{"00081150": {"vr": "UI"}}]},
}


def associations() -> list[bytes]:
    """What requestors say from the beginning to the end."""
    store = raw.data(raw.value(raw.ECHO.replace(b"\x01\x01", b"\0\0"))) + raw.data(
        raw.value(bytes(300), 0), raw.value(bytes(300), raw.LAST)
    )
    echo = raw.data(raw.value(raw.ECHO[:30], raw.COMMAND), raw.value(raw.ECHO[30:]))
    return [
        raw.request() + echo * 3 + pdu.RELEASE_RQ,
        raw.request() + store * 2 + pdu.RELEASE_RQ,
        pdu.AssociateRequest("A", "B", (pdu.ProposedContext(1, nodes.CT, (nodes.EXPLICIT,)),), USER).encode() + echo,
        raw.request() + echo + pdu.abort(0),
    ]


def hold_association(data: bytes) -> None:
    """Accept it, and read all messages."""
    wire = recorded.wire(data)
    request = read_request(wire, 1.0)
    association = accept(wire, request, Terms({nodes.CT: OFFER}.get, request.user.extended), nodes.SOFTWARE)
    while (message := association.receive()) is not None:
        command = message.command
        association.send(message.context, command.answer(0), b"".join(association.data_set()))


def read_accept(data: bytes) -> None:
    AssociateAccept.parse(data).encode()


def read_identifier(data: bytes) -> None:
    for syntax in (nodes.EXPLICIT, nodes.IMPLICIT):
        identifiers.encode(identifiers.decode(data, syntax), syntax)


ACCEPT: Final = AssociateAccept("A", "B", (AnsweredContext(1, 0, nodes.EXPLICIT), AnsweredContext(3, 3, "")), USER)
TARGETS: Final = [
    Target("association", hold_association, associations(), (NetworkError, Refused), (raw.value(b""), raw.head(4, 6))),
    Target("accept", read_accept, [ACCEPT.encode()[pdu.HEAD.size :]], (pdu.Malformed,)),
    Target(
        "identifier",
        read_identifier,
        [identifiers.encode(QUESTION, syntax) for syntax in (nodes.EXPLICIT, nodes.IMPLICIT)]
        + [dicoms.bare(dicoms.ct_dataset(Rows=8, Columns=8))],
        (Unreadable,),
    ),
]
