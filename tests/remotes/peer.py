"""Peers of this server's client: a TLS server for one handshake, and C-ECHO's provider."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification

PATIENCE = 20


@contextmanager
def serving_tls(certificate: Path) -> Iterator[int]:
    """A TLS server with this certificate; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        thread = threading.Thread(target=_shake, args=(listening, context))
        thread.start()
        yield listening.getsockname()[1]
        thread.join(PATIENCE)


def shaken(port: int, context: ssl.SSLContext) -> bytes:
    """What the server at this port presents (DER). Raises SSLError where that is not trusted."""
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
    with plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        return secured.getpeercert(binary_form=True) or b""


@contextmanager
def answering_echo(title: str, *, known: str = "", status: int = 0) -> Iterator[int]:
    """A node of this AE title, which may know but one caller; its port."""
    entity = AE(title)
    entity.add_supported_context(Verification)
    entity.require_called_aet = True
    if known:
        entity.require_calling_aet = [known]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_ECHO, lambda _: status)])
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def _shake(listening: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listening.accept()
    try:
        context.wrap_socket(connection, server_side=True).close()
    except OSError:
        connection.close()
