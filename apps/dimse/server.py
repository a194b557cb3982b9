"""The server of the DICOM network."""

from collections.abc import Sequence

from apps.dimse.connections import Connection, Connections
from apps.dimse.conversation import Admit, Conversation, House
from apps.dimse.doors import Address, Doors
from apps.dimse.gate import Gate
from apps.dimse.limits import Limits

__all__ = ["Address", "Server"]


class Server(Doors):
    """Answers remotes at its addresses."""

    def __init__(self, addresses: Sequence[Address], limits: Limits, admit: Admit) -> None:
        """Raises AddressInUse."""
        connections = Connections(limits)
        house = House(limits, admit, connections, Gate(limits.working))

        def hold(connection: Connection, address: Address) -> None:
            Conversation(connection, house).hold(address.secure)

        super().__init__(addresses, connections, hold, "DICOM")
