"""Syslog over TLS (RFC 5425): the record's messages, each in a frame that says how long it is."""

import os
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC
from typing import Final

from django.conf import settings

from apps.audit.messages import host, message
from apps.audit.models import Event
from apps.core.errors import Unavailable
from apps.saying import say

# Facility 10 (security and authorisation), severity 5 (notice): RFC 5424 6.2.1.
PRIORITY: Final = 10 * 8 + 5
APPLICATION: Final = "fovea"
# Of messages by the standard's own schema (PS3.15 A.6).
MESSAGE_ID: Final = "DICOM+RFC3881"
BOM: Final = b"\xef\xbb\xbf"
# Seconds for each step: connecting, sending, and waiting for the other side to close.
PATIENCE: Final = 15.0
# Seconds in which a collector that refuses us does so, once the handshake is over.
MOMENT: Final = 1.0


def frame(event: Event) -> bytes:
    """The event as an octet-counted frame (RFC 5425 4.3) of a message of RFC 5424."""
    at = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    header = f"<{PRIORITY}>1 {at} {host()} {APPLICATION} {os.getpid()} {MESSAGE_ID} - "
    body = header.encode() + BOM + message(event)
    return f"{len(body)} ".encode() + body


def send(address: tuple[str, int], frames: Sequence[bytes]) -> None:
    """Send these over a connection of their own. Raises Unavailable when the collector may not have read them all.

    Syslog answers nothing. That the collector closes in return to our closing tells that it has read what came before.
    """
    try:
        with (
            socket.create_connection(address, timeout=PATIENCE) as plain,
            _context().wrap_socket(plain, server_hostname=address[0]) as secured,
        ):
            _await_refusal(secured)
            secured.sendall(b"".join(frames))
            _part(secured)
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise Unavailable(say("The collector of the record can't be reached: {reason}.", reason=reason)) from error


def _context() -> ssl.SSLContext:
    """What BCP 195 asks for, with the site's own certificates."""
    context = ssl.create_default_context(cafile=settings.AUDIT_SYSLOG_CA or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.AUDIT_SYSLOG_CERT:
        context.load_cert_chain(settings.AUDIT_SYSLOG_CERT, settings.AUDIT_SYSLOG_KEY or None)
    return context


def _await_refusal(secured: ssl.SSLSocket) -> None:
    """Give the other side a moment to refuse us: it looks at our certificate when we are done with the handshake.

    Later its going would look as if it had read everything. Raises ssl.SSLError and ConnectionAbortedError.
    """
    secured.settimeout(MOMENT)
    try:
        if not secured.recv(1):
            raise ConnectionAbortedError("it closed the connection, perhaps for the site's certificate")
    except TimeoutError:
        return
    finally:
        secured.settimeout(PATIENCE)


def _part(secured: ssl.SSLSocket) -> None:
    """Close our side, and wait for the other's, which has to answer (RFC 5425 4.4).

    One that doesn't in time raises TimeoutError: it may have read nothing, or be about to refuse our certificate.
    """
    try:
        secured.unwrap()
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return
