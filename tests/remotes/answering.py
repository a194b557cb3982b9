"""A web server that answers what a test tells it to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answers:
    """What is answered to everything, where, and what was asked: lines and headers."""

    port: int = 0
    status: int = 200
    content_type: str = "application/dicom+json"
    body: bytes = b"[]"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    # What is said to follow, beyond the body.
    promised: int = 0


@contextmanager
def answering() -> Iterator[Answers]:
    """The server, until the block ends."""
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            answers.asked.append(f"{self.command} {self.path} {self.headers.get('Authorization', '')}")
            answers.sent.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(answers.status)
            self.send_header("Content-Type", answers.content_type)
            self.send_header("Content-Length", str(len(answers.body) + answers.promised))
            for name, value in answers.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answers.body)

        do_GET = do_POST = answer  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield answers
        server.shutdown()
