"""Where films may be recorded from: addresses of four protocols, within the networks that the site names.

Pure: the process that records checks by the same rules as the one that takes the order, and connects to what it has
checked: no look-up comes between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from apps.dicom.network.addresses import Address, Network, addresses_of
from apps.saying import Sentence, say

LONGEST: Final = 1000
_LOWEST_UDP: Final = 1024


class Protocol(StrEnum):
    """How the film comes; a playlist (HLS) by HTTP."""

    RTSP = "rtsp"
    RTMP = "rtmp"
    UDP = "udp"
    HTTP = "http"
    HTTPS = "https"


PORTS: Final = {Protocol.RTSP: 554, Protocol.RTMP: 1935, Protocol.HTTP: 80, Protocol.HTTPS: 443}


class Forbidden(ValueError):
    """Nothing is recorded from there, now or later."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Unknown(OSError):
    """The name leads nowhere now."""


@dataclass(frozen=True, slots=True)
class Source:
    """An address that was read: `url` is the whole of it, with what it may hold of passwords."""

    protocol: Protocol
    host: str
    port: int
    url: str

    @property
    def place(self) -> str:
        """The address as people may see it: without user, password, path and keys."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}://{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The URL with the host's address in the place of its name."""
        parts = urlsplit(self.url)
        user, sign, _ = parts.netloc.rpartition("@")
        host = f"[{address}]" if address.version == 6 else str(address)
        return parts._replace(netloc=f"{user}{sign}{host}:{self.port}").geturl()


def read(text: str) -> Source:
    """The source of this address, such as `rtsp://user:password@10.0.4.7/stream1`. Raises Forbidden."""
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise Forbidden(say("This is no address: write one such as rtsp://10.0.4.7/stream1."))
    try:
        parts = urlsplit(text)
        protocol, port = Protocol(parts.scheme.lower()), parts.port
    except ValueError as error:
        raise Forbidden(
            say("Films are recorded from addresses that begin with rtsp, rtmp, udp, or http and https for playlists.")
        ) from error
    host, port = parts.hostname or "", port or PORTS.get(protocol, 0)
    if not host or not port:
        raise Forbidden(say("The address names no host or no port."))
    if protocol is Protocol.UDP:
        _check_udp(parts, port)
    return Source(protocol, host, port, text)


def _check_udp(parts: SplitResult, port: int) -> None:
    """What is read is a port of this machine: not one of its services', and nothing but host and port counts."""
    if port < _LOWEST_UDP:
        raise Forbidden(say("Choose a UDP port of {lowest} or more.", lowest=_LOWEST_UDP))
    if parts.path.strip("/") or parts.query or parts.username:
        raise Forbidden(say("A UDP address has a host and a port alone, such as udp://239.1.2.3:5000."))


def reachable(host: str, networks: Sequence[Network]) -> Address:
    """An address of the host, IPv4 first. Raises Unknown, and Forbidden where one of them is in no such network.

    One that is forbidden forbids them all: a name of an allowed and another address is a way around this.
    """
    found = addresses_of(host)
    if not found:
        raise Unknown(f"{host} is not known")
    if not all(is_within(address, networks) for address in found):
        raise Forbidden(
            say("{host} is not in the networks that films may be recorded from (FOVEA_RECORDING_NETWORKS).", host=host)
        )
    return min(found, key=lambda address: (address.version, int(address)))


def is_within(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the site has named a network that this address is in."""
    return any(address in network for network in networks)
