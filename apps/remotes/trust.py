"""Whom TLS trusts, calling and called: BCP 195 (PS3.15 B.12), and the certificates of the remotes."""

import hashlib
import ssl
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Final

from apps.remotes import own_certificate
from apps.remotes.certificates import certificates_of
from apps.remotes.models import Protocol, Remote

# TLS 1.2 with what RFC 9325 4.2 recommends; TLS 1.3 has suites of its own, all of them good.
CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
# Seconds after which a changed certificate counts.
RENEWED: Final = 5.0

# The certificates, in PEM, of all who may call by TLS.
Texts = Callable[[], Iterable[str]]

_lock = Lock()
_servers: dict[Texts, tuple[float, str, ssl.SSLContext]] = {}


def certificates_of_remotes() -> Iterable[str]:
    """Of all active remotes."""
    active = Remote.objects.filter(is_active=True, protocol=Protocol.DIMSE).exclude(certificate="")
    return active.order_by("pk").values_list("certificate", flat=True)


def server_context(texts: Texts = certificates_of_remotes) -> ssl.SSLContext:
    """For a port that others call by TLS: asks for their certificates, and takes those that are known here.

    A caller may come without one: admission decides whether it may. Ask for the context anew for each connection: it
    is another one once a certificate has changed.
    """
    with _lock:
        now = time.monotonic()
        known = _servers.get(texts)
        if known is not None and now - known[0] < RENEWED:
            return known[2]
        anchors = _anchors(texts())
        key = _key(anchors)
        context = known[2] if known is not None and known[1] == key else _server_context(anchors)
        _servers[texts] = now, key, context
        return context


def client_context(remote: Remote) -> ssl.SSLContext:
    """For calling this remote: it must present its certificate where that is known, else one that the system trusts.

    This server presents its own. Raises ssl.SSLError and ValueError for certificates that can't be read.
    """
    context = _hardened(ssl.PROTOCOL_TLS_CLIENT)
    if remote.certificate.strip():
        context.load_verify_locations(cadata=_pem(certificates_of(remote.certificate)))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        # Devices' certificates seldom have the name that they are called by; this one is known by itself.
        context.check_hostname = False
    else:
        context.load_default_certs()
    context.load_cert_chain(*own_certificate.files())
    return context


def forget_all() -> None:
    """Read the certificates again, after a change in this process."""
    with _lock:
        _servers.clear()


def _server_context(anchors: str) -> ssl.SSLContext:
    context = _hardened(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_certificate.files())
    if anchors:
        context.load_verify_locations(cadata=anchors)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _hardened(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


def _anchors(texts: Iterable[str]) -> str:
    """The certificates in one text. One that can't be read is left out: whose it is may not call."""
    known: list[bytes] = []
    for text in texts:
        try:
            known += certificates_of(text)
        except ValueError:
            continue
    return _pem(dict.fromkeys(known))


def _pem(certificates: "tuple[bytes, ...] | dict[bytes, None]") -> str:
    return "".join(map(ssl.DER_cert_to_PEM_cert, certificates))


def _key(anchors: str) -> str:
    """Another one after each change of the remotes' certificates, or of this server's own."""
    changed = [str(path.stat().st_mtime_ns) for path in own_certificate.files()]
    return hashlib.sha256(" ".join([anchors, *changed]).encode()).hexdigest()
