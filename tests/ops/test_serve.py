"""`manage.py serve`: a whole server comes up, says where it is, and goes; what keeps it from coming up is said."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.ops import serving
from apps.ops.first_start import FirstUser
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120


class Server:
    """`manage.py serve --initialise` on a folder and a port of its own."""

    def __init__(
        self, folder: Path, port: int, *, log: str = "serve.log", dicom_port: int = 0, events_port: int = 0
    ) -> None:
        self.port = port
        self.log = folder / log
        self.dicom_port = dicom_port or free_port()
        environment = os.environ | {
            "FOVEA_DATA": str(folder / "data"),
            "FOVEA_HTTP": f"127.0.0.1:{port}",
            "FOVEA_DIMSE": f"127.0.0.1:{self.dicom_port}",
            "FOVEA_EVENTS": f"127.0.0.1:{events_port or free_port()}",
        }
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--initialise"],
                cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def printed(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while text not in self.printed():
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.1)
        return self.printed()

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("served"), free_port())
    server.wait_for("Ctrl-C stops it.")
    yield server
    server.end()


def test_it_says_where_to_go_and_the_first_password(server: Server) -> None:
    printed = server.printed()
    assert f"http://127.0.0.1:{server.port}/viewer/" in printed
    assert f"http://127.0.0.1:{server.port}/admin/" in printed
    assert f"AE title FOVEA on 127.0.0.1, port {server.dicom_port}" in printed
    assert printed.count("sign in as admin with the password ") == 1


def test_all_its_parts_become_ready(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while (answer := server.get("/readyz"))[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert set(json.loads(answer[1])["parts"]) == {"database", "storage", "broker", "worker", "disk", "dicom"}
    assert answer[0] == 200


def test_its_processes_share_their_counts(server: Server) -> None:
    for _ in range(5):
        server.get("/healthz")
    _, text = server.get("/metrics")
    series = 'fovea_http_request_seconds_count{method="GET",route="healthz",status="200"}'
    count = next(float(line.split()[-1]) for line in text.decode().splitlines() if line.startswith(series))
    assert count >= 5


def test_a_second_server_on_the_same_folder_is_refused(server: Server) -> None:
    second = Server(server.log.parent, free_port(), log="second.log")
    assert second.process.wait(PATIENCE) == 1
    assert "A server already runs on" in second.printed()


@pytest.mark.parametrize(("name", "setting"), [
    ("port", "FOVEA_HTTP"),
    ("dicom_port", "FOVEA_DIMSE"),
    ("events_port", "FOVEA_EVENTS"),
])  # fmt: skip
def test_an_address_in_use_is_refused_with_the_setting_to_change(tmp_path: Path, name: str, setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Server(tmp_path, **{"port": free_port(), name: taken.getsockname()[1]})
        assert server.process.wait(PATIENCE) == 1
    assert f"Choose another by {setting}" in server.printed()


def test_only_one_holds_a_folder(tmp_path: Path) -> None:
    with (
        serving.only_server(tmp_path),
        pytest.raises(serving.CannotServe, match="FOVEA_DATA"),
        serving.only_server(tmp_path),
    ):
        pass
    with serving.only_server(tmp_path):
        pass


@pytest.mark.parametrize(
    ("host", "public", "shown"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8000"),
        ("0.0.0.0", "", "http://127.0.0.1:8000"),
        ("::1", "", "http://[::1]:8000"),
        ("0.0.0.0", "https://fovea.example.org/", "https://fovea.example.org"),
    ],
)
def test_the_address_that_is_shown_can_be_opened(settings: Settings, host: str, public: str, shown: str) -> None:
    settings.HTTP_HOST, settings.HTTP_PORT, settings.PUBLIC_URL = host, 8000, public
    assert serving.base_url() == shown


def test_a_chosen_password_is_not_repeated() -> None:
    assert "the password you chose" in serving.welcome(FirstUser("admin", ""), ["web"])
