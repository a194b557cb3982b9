"""Connections to a DICOMweb remote: to the address that who administers the practice gave, and nowhere else.

Addresses that are about the machine itself (link-local, such as a cloud's metadata service) are refused once the name
has been resolved, before anything is asked.
"""

import ssl
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util import Url

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 60.0
CONNECTIONS: Final = 2


class Forbidden(NewConnectionError):
    """The remote's name leads to an address that is not called."""


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _check(self)


class _TLSConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _check(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def pool_of(url: Url, certificate: str) -> HTTPConnectionPool:
    """The connections to the host of a URL. TLS is verified, against `certificate` (PEM) alone where there is one.

    Raises ssl.SSLError for what is no certificate.
    """
    timeout = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    known: dict[str, Any] = {"port": url.port, "timeout": timeout, "maxsize": CONNECTIONS, "retries": False}
    host = (url.host or "").strip("[]")
    if url.scheme == "https":
        return _TLSPool(host, ssl_context=trusting(certificate), **known)
    return _Pool(host, **known)


def trusting(certificate: str) -> ssl.SSLContext:
    """What verifies a server: against `certificate` (PEM) alone where there is one. Raises ssl.SSLError."""
    context = ssl.create_default_context(cadata=certificate or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        # A server's own certificate is trusted like an authority's: most in a practice's network sign themselves.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _check(connection: HTTPConnection) -> None:
    """Raises Forbidden, with the connection closed."""
    address = ip_address(connection.sock.getpeername()[0].partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        connection.close()
        raise Forbidden(connection, "it has a link-local address, which is not called")
