"""No loops: where something came from, so that it does not go back there."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from apps.dicom.network import addresses
from apps.dicom.network.addresses import Address
from apps.remotes.models import Remote
from apps.routing.models import Arrival


@dataclass(frozen=True, slots=True)
class Place:
    """A destination as it would send itself: by its key, by its AE title, from its addresses."""

    remote_id: int
    title: str
    addresses: frozenset[Address]

    @classmethod
    def of(cls, remote: Remote) -> "Place":
        """Looks its host's name up, which may take some seconds the first time."""
        host = urlsplit(remote.url).hostname or remote.host
        found = addresses.addresses_of(host) if host else frozenset()
        return cls(remote.pk, remote.title, frozenset().union(*map(addresses.alike, found)))


def sources(arrival: Arrival, places: Iterable[Place]) -> frozenset[int]:
    """The destinations that an arrival came from, by their keys.

    That is the remote that called; one of the same AE title at the same address, which is the same node entered twice;
    and, where no remote is known to have sent it, one that is at its address.
    """
    at = _address(arrival.address)
    return frozenset(place.remote_id for place in places if _is_source(place, arrival, at))


def _is_source(place: Place, arrival: Arrival, at: Address | None) -> bool:
    if place.remote_id == arrival.remote_id:
        return True
    is_there = at is not None and at in place.addresses
    if arrival.calling_title:
        return place.title == arrival.calling_title and (is_there or at is None or not place.addresses)
    return is_there and arrival.remote_id is None


def _address(text: str) -> Address | None:
    try:
        return addresses.parse(text) if text else None
    except ValueError:
        return None
