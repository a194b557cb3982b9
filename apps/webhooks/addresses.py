"""Which addresses webhooks are sent to: the internet's, and those of the site's own networks that it names.

Whoever administers a practice gives the address, and the server calls from inside the practice's network: so what is on
this machine, in private networks and at a cloud's metadata service is out of reach unless FOVEA_WEBHOOK_NETWORKS names
it. The name is looked up, its addresses are looked at, and one of them is connected to: no look-up comes between.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

from django.conf import settings

from apps.dicom.network.addresses import Address, addresses_of

# IPv4 inside of IPv6 (RFC 6052 2.1).
_NAT64: Final = ip_network("64:ff9b::/96")


class Forbidden(Exception):
    """The name leads to addresses that are not called."""


class Unknown(Exception):
    """The name leads nowhere now."""


def reachable(host: str) -> list[Address]:
    """The addresses of a host that may be called, IPv4 first. Raises Unknown, and Forbidden where there is another one.

    One that is forbidden forbids them all: a name of a public and a private address is a way around this.
    """
    found = addresses_of(host)
    if not found:
        raise Unknown
    if not all(map(is_allowed, found)):
        raise Forbidden
    return sorted(found, key=lambda address: (address.version, int(address)))


def is_allowed(address: Address) -> bool:
    """Whether this address may be called."""
    return all(_is_allowed(each) for each in (address, *_inside(address)))


def _is_allowed(address: Address) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    is_named = any(address in network for network in settings.WEBHOOK_NETWORKS)
    return is_named or (address.is_global and not address.is_reserved)


def _inside(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads on to."""
    if not isinstance(address, IPv6Address):
        return
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
