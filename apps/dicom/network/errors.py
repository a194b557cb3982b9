"""What can go wrong with an association."""

from apps.dicom.network.pdu import Rejection


class NetworkError(Exception):
    """The association is over."""


class ProtocolError(NetworkError):
    """The peer sent what it must not: the association is aborted. Holds the reason of PS3.8 9.3.8."""

    UNRECOGNISED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNISED_PARAMETER = 4
    UNEXPECTED_PARAMETER = 5
    INVALID_PARAMETER = 6

    def __init__(self, text: str, reason: int = INVALID_PARAMETER) -> None:
        super().__init__(text)
        self.reason = reason


class Gone(NetworkError):
    """The peer closed the connection, or the network did."""


class TimedOut(NetworkError):
    """The peer was silent for too long."""


class Aborted(NetworkError):
    """The peer aborted the association."""


class Rejected(NetworkError):
    """The peer refused the association."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(f"The association was refused: {rejection.text}.")
        self.rejection = rejection
