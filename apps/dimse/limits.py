"""What the server bounds: how many connections and associations there are at once, and how long each may take."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one server process.

    `unassociated` are the connections that have not asked for an association yet, `working` the associations that work
    with the database; of the times, in seconds, `request`
    is for the TLS handshake and again for the request, `pdu` for a whole PDU, `idle` between two messages, `grace` for
    messages at work when the server ends.
    """

    associations: int = 256
    per_host: int = 128
    unassociated: int = 128
    working: int = 32
    request: float = 10.0
    pdu: float = 30.0
    idle: float = 60.0
    grace: float = 10.0

    @classmethod
    def of_site(cls) -> Self:
        """As the site's settings say."""
        return cls(
            associations=settings.DIMSE_ASSOCIATIONS,
            per_host=settings.DIMSE_ASSOCIATIONS_PER_HOST,
            unassociated=settings.DIMSE_UNASSOCIATED,
            working=settings.DIMSE_WORKING,
            request=settings.DIMSE_REQUEST_SECONDS,
            pdu=settings.DIMSE_PDU_SECONDS,
            idle=settings.DIMSE_IDLE_SECONDS,
            grace=settings.DIMSE_GRACE,
        )
