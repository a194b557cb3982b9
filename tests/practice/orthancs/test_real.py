"""A real Orthanc with the scripts that this server hands out, where there is one: what arrives there comes here."""

import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.archive.models import Instance
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job, State
from apps.practice.models import Orthanc, OrthancNotice
from apps.practice.orthancs import following
from apps.practice.orthancs.asking import KIND
from apps.practice.orthancs.scripting import scripts
from benchmarks.orthanc import PROGRAM, _command, configuration
from benchmarks.targets import free_port, wait_for
from tests import dicoms
from tests.live import ROOT
from tests.practice.orthancs.calling import SECRET
from tests.remotes.jobs import do

PLUGIN = "usr/share/orthanc/plugins/libOrthancPython.so"
PLACE = next((place for place in (ROOT / ".orthanc", Path("/")) if (place / PROGRAM).exists()), None)
PATIENCE = 90
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(PLACE is None, reason="There is no Orthanc here; `make bench` sets one up."),
]


@contextmanager
def running(**options: Any) -> Iterator[int]:
    """An empty Orthanc with these settings; the port on which it answers. A script is given by its text."""
    assert PLACE
    with tempfile.TemporaryDirectory(prefix="fovea-tests-orthanc-", dir=PLACE / "tmp") as folder:
        inside, port = Path("/") / Path(folder).relative_to(PLACE), free_port()
        known = {**configuration(PLACE, inside, port), "StableAge": 1, "HttpTimeout": 10}
        for name, script in options.items():
            (Path(folder) / name).write_text(script)
            place = str(inside / name)
            known |= {"PythonScript": place} if name == "script.py" else {"LuaScripts": [place]}
        if "script.py" in options:
            known["Plugins"] = [*known["Plugins"], f"/{PLUGIN}"]
        (Path(folder) / "orthanc.json").write_text(json.dumps(known))
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(_command(PLACE, inside / "orthanc.json"), stdout=log, stderr=log)
        try:
            wait_for(port, "/system")
            yield port
        finally:
            process.terminate()
            process.wait(60)


@pytest.mark.parametrize("language", ["python", "lua"])
def test_what_arrives_there_is_told_and_comes_here(live_server: LiveServer, orthanc: Orthanc, language: str) -> None:
    if language == "python" and not (PLACE / PLUGIN).exists():
        pytest.skip("Orthanc's Python plugin is not here (orthanc-python).")
    script = getattr(scripts(orthanc, SECRET, live_server.url), language)
    with running(**{"script.py" if language == "python" else "script.lua": script}) as port:
        _point(orthanc, port)
        _send(port, *dicoms.ct_series(3))
        _wait(lambda: OrthancNotice.objects.filter(level="instance").count() == 3)
        _wait(lambda: OrthancNotice.objects.filter(level="study").exists())
        _fetch()
    assert Instance.objects.filter(series__study__practice=orthanc.practice_id).count() == 3
    assert set(OrthancNotice.objects.values_list("state", flat=True)) == {"done"}


def test_what_it_could_not_tell_is_caught_up(orthanc: Orthanc) -> None:
    with running() as port:
        _point(orthanc, port)
        assert following.catch_up(orthanc, JobHandle(0, 1))
        _send(port, *dicoms.ct_series(3))
        assert following.catch_up(orthanc, JobHandle(0, 1))
        _fetch()
        assert Instance.objects.count() == 3
        assert following.catch_up(orthanc, JobHandle(0, 1))
        assert OrthancNotice.objects.count() == 1


def _point(orthanc: Orthanc, port: int) -> None:
    orthanc.url = f"http://127.0.0.1:{port}"
    orthanc.save()


def _send(port: int, *objects: bytes) -> None:
    for data in objects:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/instances", data).read()


def _fetch() -> None:
    for job in Job.objects.filter(kind=KIND, state=State.QUEUED):
        do(job)


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "It was not told in time."
        time.sleep(0.2)
