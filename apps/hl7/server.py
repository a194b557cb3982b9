"""The server of HL7 messages: MLLP over TCP, and over TLS."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings

from apps.core import metrics
from apps.dimse.connections import Connection, Connections
from apps.dimse.doors import Address, Doors
from apps.dimse.gate import Gate
from apps.dimse.limits import Limits
from apps.hl7.conversation import Conversation, House
from apps.hl7.models import Sender

# Seconds for messages at work when the server ends; messages that work at once, each with the database.
GRACE: Final = 10.0
WORKING: Final = 8


def limits_of_site() -> Limits:
    """As the site's settings say; senders hold their connections for as long as they like to."""
    most = settings.HL7_CONNECTIONS
    return Limits(
        associations=most, per_host=most, unassociated=max(1, most // 2), working=WORKING,
        request=10.0, pdu=float(settings.HL7_MESSAGE_SECONDS), idle=float(settings.HL7_IDLE_SECONDS), grace=GRACE,
    )  # fmt: skip


def certificates_of_senders() -> Iterable[str]:
    """The certificates of all active senders, in PEM."""
    active = Sender.objects.filter(is_active=True).exclude(certificate="")
    return active.order_by("pk").values_list("certificate", flat=True)


class HL7Server(Doors):
    """Answers senders at its addresses."""

    def __init__(self, addresses: Sequence[Address], limits: Limits, most: int) -> None:
        """`most` are the bytes that a message may have. Raises AddressInUse."""
        connections = Connections(limits, metrics.HL7_CONNECTIONS)
        house = House(limits, connections, Gate(limits.working), most)

        def hold(connection: Connection, address: Address) -> None:
            Conversation(connection, house).hold(address.secure)

        super().__init__(addresses, connections, hold, "HL7")
