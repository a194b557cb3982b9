"""The suite's own practice system, a process beside the suite: it takes webhooks as docs/examples does, and misbehaves
when it is told to.

Run with a folder: `port` is written there when it listens. `orders.json` says how it answers, read at each message:
{secret, status, seconds, headers}. What it believed is in `events.jsonl`, every message, as it came, in `raw.jsonl`.
"""

import json
import os
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30


class Receiver:
    """The suite's hand on the process."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder = folder
        self.process = process
        self.port = int(_patiently(folder / "port"))
        self.url = f"http://127.0.0.1:{self.port}/fovea"

    def order(self, **orders: Any) -> None:
        """How it answers from now on."""
        new = self.folder / "orders.new"
        new.write_text(json.dumps(orders))
        new.replace(self.folder / "orders.json")

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it believed and had not seen before."""
        return _lines(self.folder / "events.jsonl")

    @property
    def raw(self) -> list[dict[str, Any]]:
        """Every message: {path, headers, body, answer}."""
        return _lines(self.folder / "raw.jsonl")

    def send(self, message: dict[str, Any], **headers: str) -> int:
        """Send it a message that it once had, by the suite and not by the courier; its answer's status."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        kept = {name: value for name, value in message["headers"].items() if name not in ("content-length", "host")}
        connection.request("POST", message["path"], b64decode(message["body"]), kept | headers)
        status = connection.getresponse().status
        connection.close()
        return status


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """The process, until the block ends."""
    folder.mkdir()
    process = subprocess.Popen([sys.executable, __file__, str(folder)], cwd=ROOT)
    try:
        yield Receiver(folder, process)
    finally:
        process.kill()
        process.wait()


class Handler(BaseHTTPRequestHandler):
    """Answers as `orders.json` says; where it says nothing, as docs/examples does."""

    protocol_version = "HTTP/1.1"
    folder: Path
    judge: Callable[[str, Mapping[str, str], bytes], int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        orders = json.loads((self.folder / "orders.json").read_text())
        time.sleep(orders.get("seconds", 0))
        status = orders.get("status") or type(self).judge(orders["secret"], self.headers, body)
        self.note(body, status)
        text = f"answered {status}".encode()
        self.send_response(status)
        for name, value in orders.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def note(self, body: bytes, status: int) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        message = {"path": self.path, "headers": headers, "body": b64encode(body).decode(), "answer": status}
        _append(self.folder / "raw.jsonl", message)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main(folder: Path) -> None:
    sys.path.insert(0, str(ROOT / "docs/examples"))
    from webhook_receiver import NotBelieved, Seen, verify

    seen = Seen()

    def judge(secret: str, headers: Mapping[str, str], body: bytes) -> int:
        try:
            event = verify(secret, headers, body)
        except NotBelieved:
            return 401
        if seen.is_new(headers["webhook-id"]):
            _append(folder / "events.jsonl", event)
        return 200

    Handler.folder, Handler.judge = folder, staticmethod(judge)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        (folder / "port.new").write_text(str(server.server_port))
        (folder / "port.new").replace(folder / "port")
        server.serve_forever()


def _append(path: Path, value: object) -> None:
    """A line of its own in one write, whoever else writes."""
    handle = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    os.write(handle, json.dumps(value).encode() + b"\n")
    os.close(handle)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _patiently(path: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline, "the receiver did not start"
        time.sleep(0.02)
    return path.read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
