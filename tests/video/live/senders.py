"""Sources on this machine: what cameras and servers send, by each protocol, for the tests."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import av

from tests.video.clips import clip

LOOPBACK = (ip_network("127.0.0.0/8"),)
# A key picture each half second.
FILM = {"seconds": 3, "size": (160, 120), "options": {"g": "15", "preset": "ultrafast"}}
PICTURES = 90
_PACKETS = 7 * 188


def film(**asked: Any) -> Path:
    """Three seconds as a transport stream: 90 pictures."""
    return clip("live.ts", **FILM | asked)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def sending(port: int, data: bytes, *, seconds: float = 1.5, times: int = 1) -> Iterator[threading.Event]:
    """Send a transport stream to a UDP port, `times` in a row, each in so many seconds; the event ends it.

    It begins when somebody listens there: what is sent before is lost.
    """
    over = threading.Event()
    pieces = [data[at : at + _PACKETS] for at in range(0, len(data), _PACKETS)]

    def send() -> None:
        while not is_heard(port) and not over.wait(0.01):
            pass
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(times * len(pieces)):
                sender.sendto(pieces[number % len(pieces)], ("127.0.0.1", port))
                if over.wait(seconds / len(pieces)):
                    return

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield over
    finally:
        over.set()
        thread.join()


def is_heard(port: int) -> bool:
    """Whether some process has bound this UDP port."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        return


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """A web server for a folder: its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def playlist(folder: Path) -> Path:
    """A playlist of the film in `folder`, cut each second."""
    target = folder / "film.m3u8"
    with av.open(str(film())) as source, av.open(str(target), "w", format="hls", options=_HLS) as output:
        pictures = source.streams.video[0]
        stream = output.add_stream_from_template(pictures)
        for packet in source.demux(pictures):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    return target


_HLS = {"hls_time": "1", "hls_list_size": "0"}


@contextmanager
def rtsp(data: bytes) -> Iterator[int]:
    """A camera: a server of RTSP (RFC 2326) that plays a transport stream (RFC 2250) once, interleaved; its port."""
    with _listening(partial(_play_rtsp, data=data)) as port:
        yield port


@contextmanager
def _listening(answer: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    try:
                        answer(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


_SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=film\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track1\r\n"


def _play_rtsp(connection: socket.socket, data: bytes) -> None:
    for method, sequence in _requests(connection):
        fields = {"DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(_SDP)}\r\n"}.get(method, "")
        if method == "OPTIONS":
            fields = "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        if method == "SETUP":
            fields = "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        answer = f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{fields}\r\n".encode()
        connection.sendall(answer + (_SDP if method == "DESCRIBE" else b""))
        if method == "PLAY":
            for packet in _rtp(data):
                connection.sendall(packet)
                time.sleep(0.002)
            return


def _requests(connection: socket.socket) -> Iterator[tuple[str, str]]:
    """The methods and sequence numbers of what is asked."""
    received = b""
    while piece := connection.recv(4096):
        received += piece
        while b"\r\n\r\n" in received:
            head, _, received = received.partition(b"\r\n\r\n")
            lines = head.decode("ascii", "replace").split("\r\n")
            numbers = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("cseq:")]
            yield lines[0].partition(" ")[0], numbers[0]


def _rtp(data: bytes) -> Iterator[bytes]:
    """Interleaved RTP packets (RFC 2326 10.12) of a transport stream."""
    for number, at in enumerate(range(0, len(data), _PACKETS)):
        piece = data[at : at + _PACKETS]
        packet = struct.pack(">BBHII", 0x80, 33, number & 0xFFFF, number * 900, 7) + piece
        yield struct.pack(">cBH", b"$", 0, len(packet)) + packet


@contextmanager
def rtmp(source: Path) -> Iterator[int]:
    """A server of RTMP 1.0 that plays a film once to whoever comes; its port."""
    tags = list(_tags(_flv(source).read_bytes()))
    with _listening(partial(_play_rtmp, tags=tags)) as port:
        yield port


def _flv(source: Path) -> Path:
    target = source.with_suffix(".flv")
    with av.open(str(source)) as film, av.open(str(target), "w", format="flv") as output:
        pictures = film.streams.video[0]
        stream = output.add_stream_from_template(pictures)
        for packet in film.demux(pictures):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    return target


def _tags(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The kind, the time in milliseconds and the body of each tag of an FLV file."""
    at = 13
    while at + 11 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        moment = int.from_bytes(data[at + 4 : at + 7], "big")
        yield kind, moment, data[at + 11 : at + 11 + size]
        at += 15 + size


_HANDSHAKE = 1536
# How a command begins in AMF 0: its name, then the number by which it is answered.
_COMMANDS = (b"connect", b"createStream", b"play")


def _play_rtmp(connection: socket.socket, tags: list[tuple[int, int, bytes]]) -> None:
    _exactly(connection, 1 + _HANDSHAKE)
    connection.sendall(b"\x03" + bytes(2 * _HANDSHAKE))
    _exactly(connection, _HANDSHAKE)
    connection.sendall(_message(1, 0, struct.pack(">I", 1 << 20)))
    received = b""
    for name in _COMMANDS:
        wanted = b"\x02" + struct.pack(">H", len(name)) + name + b"\x00"
        while wanted not in received or len(received) < received.index(wanted) + len(wanted) + 8:
            piece = connection.recv(4096)
            if not piece:
                return
            received += piece
        _, _, received = received.partition(wanted)
        connection.sendall(_message(20, 0, _answer(name, received[:8])))
    for kind, moment, body in tags:
        connection.sendall(_message(kind, moment, body, stream=1))
        time.sleep(0.005)


def _answer(name: bytes, number: bytes) -> bytes:
    if name == b"play":
        status = b"".join(_text(key)[1:] + _text(value) for key, value in _STARTED.items())
        return _text("onStatus") + b"\x00" + bytes(8) + b"\x05\x03" + status + b"\x00\x00\x09"
    return _text("_result") + b"\x00" + number + b"\x05\x00" + struct.pack(">d", 1.0)


_STARTED = {"level": "status", "code": "NetStream.Play.Start"}


def _text(text: str) -> bytes:
    return b"\x02" + struct.pack(">H", len(text)) + text.encode()


def _message(kind: int, moment: int, body: bytes, stream: int = 0) -> bytes:
    """A message in one chunk: it is told first that chunks are that large."""
    head = moment.to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes([kind]) + stream.to_bytes(4, "little")
    return b"\x03" + head + body


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            raise OSError("the other side has gone")
        received += piece
    return received
