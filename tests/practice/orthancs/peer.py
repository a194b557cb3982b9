"""An Orthanc as far as it is asked: a web server with instances, that can be made to answer what it should not."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests import dicoms


def name_of(text: str) -> str:
    """A name such as Orthanc gives: a SHA-1 in five groups."""
    digits = hashlib.sha1(text.encode()).hexdigest()
    return "-".join(digits[start : start + 8] for start in range(0, 40, 8))


@dataclass(frozen=True)
class Kept:
    """An instance: where it belongs, its SOP Instance UID and its file."""

    study: str
    series: str
    uid: str
    data: bytes

    @property
    def resource(self) -> str:
        return name_of(self.uid)


@dataclass
class Peer:
    """Its instances by their names, what was asked, and what it answers instead, by path."""

    port: int = 0
    kept: dict[str, Kept] = field(default_factory=dict)
    changes: list[tuple[int, str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    # A status, a body, and how many more bytes are promised than come.
    instead: dict[str, tuple[int, bytes, int]] = field(default_factory=dict)
    authorization: list[str] = field(default_factory=list)
    # It says for ever that there are more changes, and gives none.
    is_stuck: bool = False

    def add(self, *numbers: int, study: int = 1, series: int = 1) -> list[Kept]:
        """Let instances of these numbers arrive there."""
        added = []
        for number in numbers:
            uids = dicoms.uid(study), dicoms.uid(study, series), dicoms.uid(study, series, number)
            data = dicoms.ct_slice(StudyInstanceUID=uids[0], SeriesInstanceUID=uids[1], SOPInstanceUID=uids[2])
            kept = Kept(*uids, data)
            self.kept[kept.resource] = kept
            self.changes.append((len(self.changes) + 1, "NewInstance", kept.resource))
            added.append(kept)
        return added

    @property
    def files_asked(self) -> int:
        return sum(path.endswith("/file") for path in self.asked)

    def answer(self, path: str, query: dict[str, list[str]]) -> bytes | None:
        """The body; None for what there isn't."""
        match path.strip("/").split("/"):
            case ["system"]:
                return _json({"Version": "1.12.5", "Name": "Peer"})
            case ["changes"]:
                return _json(self._changes(query))
            case ["instances", resource] if resource in self.kept:
                return _json({"ID": resource, "ParentSeries": name_of(self.kept[resource].series)})
            case ["instances", resource, "file"] if resource in self.kept:
                return self.kept[resource].data
            case ["studies" | "series" as level, resource, "instances"]:
                held = [each for each in self.kept.values() if name_of(_of(level, each)) == resource]
                return _json([_listed(each) for each in held]) if held else None
        return None

    def _changes(self, query: dict[str, list[str]]) -> dict[str, Any]:
        last = self.changes[-1][0] if self.changes else 0
        if "last" in query:
            return {"Changes": [], "Done": True, "Last": last}
        since, limit = int(query["since"][0]), int(query["limit"][0])
        if self.is_stuck:
            return {"Changes": [], "Done": False, "Last": since}
        later = [change for change in self.changes if change[0] > since]
        page = [{"Seq": number, "ChangeType": kind, "ID": resource} for number, kind, resource in later[:limit]]
        return {"Changes": page, "Done": len(later) <= limit, "Last": page[-1]["Seq"] if page else since}


@contextmanager
def serving() -> Iterator[Peer]:
    """The server, until the block ends."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            peer.asked.append(parts.path)
            peer.authorization.append(self.headers.get("Authorization", ""))
            body = peer.answer(parts.path, parse_qs(parts.query, keep_blank_values=True))
            status, data, promised = peer.instead.get(parts.path, (200 if body is not None else 404, body or b"", 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) + promised))
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{peer.port}/elsewhere")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        peer.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield peer
        server.shutdown()


def _of(level: str, kept: Kept) -> str:
    return kept.study if level == "studies" else kept.series


def _listed(kept: Kept) -> dict[str, Any]:
    return {"ID": kept.resource, "MainDicomTags": {"SOPInstanceUID": kept.uid}, "ParentSeries": name_of(kept.series)}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
