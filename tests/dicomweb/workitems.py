"""Workitems for tests: data sets as clients make them, and a client that speaks UPS-RS."""

import json
from typing import Any

from django.test import Client

from tests.dicomweb.archive import ROOT

WORKITEMS = f"{ROOT}/workitems"
JSON = "application/dicom+json"
UID = "1.2.840.999.1"
LOCK = "1.2.840.999.77"
WORKLIST = "1.2.840.10008.5.1.4.34.5"
FILTERED = f"{WORKLIST}.1"


def element(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def code(value: str, meaning: str) -> dict[str, Any]:
    return {
        "00080100": element("SH", value),
        "00080102": element("SH", "99FOVEA"),
        "00080104": element("LO", meaning),
    }


def asked(uid: str = UID, **changes: Any) -> dict[str, Any]:
    """What N-CREATE wants (PS3.4 table CC.2.5-3); `changes` by tag, as `t00100020=...`, None to leave one out."""
    dataset = {
        "00080018": element("UI", uid),
        "00741000": element("CS", "SCHEDULED"),
        "00741200": element("CS", "MEDIUM"),
        "00741202": element("LO", "Reading"),
        "00741204": element("LO", "Read the knee"),
        "00404005": element("DT", "20260310093000"),
        "00404041": element("CS", "READY"),
        "00404018": element("SQ", code("READ", "Image reading")),
        "00100010": element("PN", {"Alphabetic": "Doe^Jane"}),
        "00100020": element("LO", "P1"),
        "0040A370": element(
            "SQ", {"00080050": element("SH", "A1"), "0020000D": element("UI", "1.2.3.4")}
        ),
    }  # fmt: skip
    dataset |= {tag.removeprefix("t"): value for tag, value in changes.items()}
    return {tag: value for tag, value in dataset.items() if value is not None}


DONE = {
    "00741216": element("SQ", {
        "00404028": element("SQ", code("WS1", "Workstation 1")),
        "00404050": element("DT", "20260310093100"),
        "00404051": element("DT", "20260310094000"),
        "00404019": element("SQ", code("READ", "Image reading")),
        "00404033": element("SQ"),
    }),
}  # fmt: skip
GIVEN_UP = {
    "00741002": element("SQ", {
        "00404052": element("DT", "20260310093500"),
        "0074100E": element("SQ", code("110501", "Equipment failure")),
    }),
}  # fmt: skip


class Ups:
    """UPS-RS by a signed-in client; each call gives Django's response."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, method: str, path: str, dataset: Any = None, **headers: str) -> Any:
        body = b"" if dataset is None else json.dumps(dataset)
        content_type = "" if dataset is None else JSON
        return self.client.generic(method, f"{WORKITEMS}{path}", body, content_type=content_type, headers=headers)

    def create(self, dataset: Any = None, query: str = "") -> Any:
        return self.send("POST", query, asked() if dataset is None else dataset)

    def get(self, uid: str = UID) -> Any:
        return self.client.get(f"{WORKITEMS}/{uid}")

    def dataset(self, uid: str = UID) -> dict[str, Any]:
        (found,) = self.get(uid).json()
        return dict(found)

    def state_of(self, uid: str = UID) -> str:
        return str(self.dataset(uid)["00741000"]["Value"][0])

    def update(self, dataset: Any, uid: str = UID, query: str = "") -> Any:
        return self.send("POST", f"/{uid}{query}", dataset)

    def change(self, state: str, lock: str | None = LOCK, uid: str = UID) -> Any:
        dataset = {"00741000": element("CS", state)} | ({"00081195": element("UI", lock)} if lock else {})
        return self.send("PUT", f"/{uid}/state", dataset)

    def cancel(self, dataset: Any = None, uid: str = UID) -> Any:
        return self.send("POST", f"/{uid}/cancelrequest", dataset)

    def subscribe(self, uid: str = UID, title: str = "WATCHER", query: str = "") -> Any:
        return self.send("POST", f"/{uid}/subscribers/{title}{query}")

    def found(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.client.get(f"{WORKITEMS}{query}")
        assert answer.status_code == 200, answer.content
        return list(answer.json())


def warning_of(answer: Any) -> str:
    """The standard's text in the header Warning; empty without one."""
    return str(answer.headers.get("Warning", "")).partition(": ")[2]
