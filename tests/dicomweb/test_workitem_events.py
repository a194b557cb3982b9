"""The channel of workitems' events, in the real process, by a real WebSocket client (PS3.18 8.10.4, 8.10.5)."""

import json
import os
import signal
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.dicomweb.workitems import JSON, LOCK, UID, WORKLIST, asked, element
from tests.live import AUTHORIZATION, PATIENCE, Server, Site, is_alive, kill, wait_until
from tests.servers import free_port

OTHERS = """
from apps.accounts.models import Practice, Token, User
from apps.accounts.permissions import Permission
from tests.rights import give
practice = Practice.objects.get(name="North")
other = Practice.objects.create(name="South")
sam = User.objects.create_user("sam", password="correct horse battery", practice=other)
give(sam, other)
Token.objects.create(user=sam, name="tests", permissions=Permission.values, digest=Token.digest_of("of-sam"))
narrow = User.objects.create_user("nils", practice=practice)
give(narrow, practice, Permission.UPLOAD)
Token.objects.create(user=narrow, name="tests", permissions=Permission.values, digest=Token.digest_of("of-nils"))
"""


class Events:
    """A running `manage.py ups_events`, that is started again at will."""

    def __init__(self, site: Site, port: int) -> None:
        self.site, self.port = site, port
        self.start()

    def start(self) -> None:
        self.pid = self.site.fork("manage.py", "ups_events")
        wait_until(lambda: self.refusal("/") == 404)

    def connect(self, path: str = "/dicom-web/subscribers/WATCHER", authorization: str = AUTHORIZATION,
                **headers: str) -> ClientConnection:  # fmt: skip
        given = ({"Authorization": authorization} if authorization else {}) | headers
        url = f"ws://127.0.0.1:{self.port}{path}"
        return connect(url, additional_headers=given, open_timeout=PATIENCE, proxy=None)

    def refusal(self, path: str = "/dicom-web/subscribers/WATCHER", authorization: str = AUTHORIZATION,
                **headers: str) -> int:  # fmt: skip
        """The status of what is refused; 0 where nobody answers."""
        try:
            with self.connect(path, authorization, **headers):
                return 101
        except InvalidStatus as error:
            return error.response.status_code
        except (OSError, InvalidMessage, ConnectionClosed):  # the last of one that was just killed
            return 0

    def end(self) -> None:
        os.kill(self.pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(self.pid))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Events]]:
    port = free_port()
    folder: Path = tmp_path_factory.mktemp("events")
    with Site(folder, FOVEA_EVENTS=f"127.0.0.1:{port}") as site, site.serving() as server:
        site.run("shell", "--no-imports", "-c", OTHERS)
        events = Events(site, port)
        yield server, events
        kill(events.pid)


@pytest.fixture
def server(place: tuple[Server, Events]) -> Server:
    return place[0]


@pytest.fixture
def events(place: tuple[Server, Events]) -> Events:
    return place[1]


def send(server: Server, method: str, path: str, dataset: Any = None) -> int:
    body = None if dataset is None else json.dumps(dataset).encode()
    headers = {} if dataset is None else {"Content_Type": JSON}
    return server.request(method, f"/dicom-web/workitems{path}", body, **headers).status


def told(channel: ClientConnection) -> dict[str, Any]:
    """The next event report."""
    return dict(json.loads(channel.recv(timeout=PATIENCE)))


def kind(report: dict[str, Any]) -> int:
    return int(report["00001002"]["Value"][0])


def state(report: dict[str, Any]) -> str:
    return str(report["00741000"]["Value"][0])


def test_told_of_a_workitem_from_its_beginning_to_its_end(server: Server, events: Events) -> None:
    """In order, as N-EVENT-REPORT data sets with Message IDs that count."""
    with events.connect() as channel:
        assert send(server, "POST", f"/{WORKLIST}/subscribers/WATCHER") == 201
        assert send(server, "POST", "", asked("1.2.10")) == 201
        first = told(channel)
        assert (kind(first), first["00001000"]["Value"], state(first)) == (1, ["1.2.10"], "SCHEDULED")
        assert first["00000100"] == {"vr": "US", "Value": [256]}
        claim = {"00741000": element("CS", "IN PROGRESS"), "00081195": element("UI", LOCK)}
        assert send(server, "PUT", "/1.2.10/state", claim) == 200
        assert send(server, "POST", "/1.2.10/cancelrequest", {"00741238": element("LT", "A mistake")}) == 202
        second, third = told(channel), told(channel)
        assert (state(second), kind(third)) == ("IN PROGRESS", 2)
        assert [each["00000110"]["Value"] for each in (first, second, third)] == [[1], [2], [3]]
    assert send(server, "DELETE", f"/{WORKLIST}/subscribers/WATCHER") == 200


def test_what_happens_while_nobody_listens_is_told_later(server: Server, events: Events) -> None:
    assert send(server, "POST", "", asked(UID)) == 201
    assert send(server, "POST", f"/{UID}/subscribers/LATER") == 201
    assert send(server, "POST", f"/{UID}/cancelrequest") == 202
    with events.connect("/subscribers/LATER") as channel:
        assert [state(told(channel)) for _ in range(3)] == ["SCHEDULED", "IN PROGRESS", "CANCELED"]


def test_what_was_sent_into_nothing_is_sent_again(server: Server, events: Events) -> None:
    """The process is killed before the subscriber has confirmed anything; the next one tells all of it."""
    assert send(server, "POST", "", asked("1.2.20")) == 201
    assert send(server, "POST", "/1.2.20/subscribers/PATIENT") == 201
    kill(events.pid)
    events.start()
    with events.connect("/subscribers/PATIENT") as channel:
        assert (kind(report := told(channel)), report["00001000"]["Value"]) == (1, ["1.2.20"])


def test_a_start_and_an_end_are_told(server: Server, events: Events) -> None:
    """SCP Status Change (PS3.4 CC.2.4.3), to who is subscribed to the worklist; the connection ends politely."""
    assert send(server, "POST", f"/{WORKLIST}/subscribers/GLOBAL") == 201
    with events.connect("/subscribers/GLOBAL") as channel:
        events.end()
        down = told(channel)
        assert (kind(down), down["00741242"]["Value"]) == (4, ["GOING DOWN"])
        with pytest.raises(ConnectionClosed) as closed:
            channel.recv(timeout=PATIENCE)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1001
    events.start()
    with events.connect("/subscribers/GLOBAL") as channel:
        up = told(channel)
        assert (kind(up), up["00741242"]["Value"]) == (4, ["RESTARTED"])
        assert up["00741244"]["Value"] == ["WARM START"]
    assert send(server, "DELETE", f"/{WORKLIST}/subscribers/GLOBAL") == 200


def test_another_practice_hears_nothing_of_it(server: Server, events: Events) -> None:
    assert send(server, "POST", "", asked("1.2.30")) == 201
    assert send(server, "POST", "/1.2.30/subscribers/SHARED") == 201
    with (
        events.connect("/subscribers/SHARED", "Bearer of-sam") as theirs,
        events.connect("/subscribers/SHARED") as ours,
    ):
        assert kind(told(ours)) == 1
        with pytest.raises(TimeoutError):
            theirs.recv(timeout=2)


def basic(name: str, password: str) -> str:
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


@pytest.mark.parametrize(("path", "authorization", "headers", "status"), [
    ("/dicom-web/subscribers/WATCHER", "", {}, 401),
    ("/dicom-web/subscribers/WATCHER", "Bearer wrong", {}, 401),
    ("/dicom-web/subscribers/WATCHER", "Bearer of-nils", {}, 403),
    ("/dicom-web/subscribers/WATCHER", basic("sam", "wrong"), {}, 401),
    ("/dicom-web/subscribers/WATCHER", basic("sam", "correct horse battery"), {"Origin": "https://evil.example"}, 403),
    ("/dicom-web/subscribers/WATCHER", basic("sam", "correct horse battery"), {}, 101),
    ("/dicom-web/subscribers/WATCHER", AUTHORIZATION, {"Origin": "https://evil.example"}, 101),
    ("/dicom-web/subscribers/%5CBAD", AUTHORIZATION, {}, 400),
    ("/dicom-web/subscribers", AUTHORIZATION, {}, 404),
    ("/anything", AUTHORIZATION, {}, 404),
])  # fmt: skip
def test_who_is_let_in(events: Events, path: str, authorization: str, headers: dict[str, str], status: int) -> None:
    assert events.refusal(path, authorization, **headers) == status


def test_one_title_has_so_many_channels(events: Events) -> None:
    with ExitStack() as channels:
        for _ in range(8):
            channels.enter_context(events.connect("/subscribers/MANY"))
        assert events.refusal("/subscribers/MANY") == 503


def test_a_subscriber_who_talks_too_much_is_hung_up_on(events: Events) -> None:
    with events.connect("/subscribers/TALKER") as channel:
        channel.send("x" * 5000)
        with pytest.raises(ConnectionClosed):
            channel.recv(timeout=PATIENCE)
