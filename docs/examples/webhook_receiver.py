"""A receiver of Fovea's webhooks, with nothing but Python's own library: it verifies, answers at once, and works later.

    FOVEA_WEBHOOK_SECRET=whsec_… python webhook_receiver.py 8099

`verify` is what to take into your own program, whatever it is written in. It follows Standard Webhooks 1.0, for which
there are libraries in most languages.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

# Seconds by which the clocks may differ, either way: what was overheard is worth nothing afterwards.
TOLERANCE = 300
MOST_BYTES = 64 * 1024
REMEMBERED = 100_000


class NotBelieved(Exception):
    """It is not from Fovea, or was changed, or is an old one come again."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> dict[str, Any]:
    """The event, if it was signed with `secret` within the last minutes. Raises NotBelieved.

    `body` are the bytes as they came: JSON that was read and written again has another signature.
    """
    uid, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not uid or not stamp.isdecimal():
        raise NotBelieved("webhook-id or webhook-timestamp is missing")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE:
        raise NotBelieved("it is too old, or the clocks differ")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = hmac.new(key, f"{uid}.{stamp}.".encode() + body, hashlib.sha256).digest()
    # Two while a secret is being replaced: one that fits is enough.
    for signature in headers.get("webhook-signature", "").split():
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64encode(wanted).decode(), value):
            return dict(json.loads(body))
    raise NotBelieved("the signature is wrong")


class Seen:
    """The numbers of the events that have come: one that comes twice is worked on once. Keep them in your database."""

    def __init__(self) -> None:
        self._uids: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def is_new(self, uid: str) -> bool:
        with self._lock:
            if uid in self._uids:
                return False
            self._uids[uid] = None
            if len(self._uids) > REMEMBERED:
                self._uids.popitem(last=False)
            return True


def server(port: int, secret: str, work: Callable[[dict[str, Any]], None]) -> ThreadingHTTPServer:
    """A server that hands each new event to `work`, in another thread: whoever answers late is asked again."""
    seen, queue = Seen(), SimpleQueue[dict[str, Any]]()

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.answer(413, "too large, or of no length")
                return
            body = self.rfile.read(int(length))
            try:
                event = verify(secret, self.headers, body)
            except NotBelieved as error:
                self.answer(401, str(error))
                return
            is_new = seen.is_new(self.headers["webhook-id"])
            if is_new:
                queue.put(event)
            self.answer(200, "taken" if is_new else "known already")

        def answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    def working() -> None:
        while True:
            work(queue.get())

    Thread(target=working, daemon=True).start()
    return ThreadingHTTPServer(("127.0.0.1", port), Receiver)


def show(event: dict[str, Any]) -> None:
    print(event["sequence"], event["type"], json.dumps(event["data"]), flush=True)


if __name__ == "__main__":
    with server(int(sys.argv[1]), os.environ["FOVEA_WEBHOOK_SECRET"], show) as running:
        running.serve_forever()
