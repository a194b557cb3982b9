"""The conversion's process: what its parent makes of its words, its silence, and its ends."""

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.core.errors import OutOfSpace
from apps.jobs.handle import Cancelled
from apps.jobs.processes.asking import ROOT
from apps.video.child import Request
from apps.video.conversion.policy import Policy
from apps.video.converter import (
    ConversionFailed,
    ConversionHung,
    ConversionStopped,
    Converted,
    Elsewhere,
    Refusal,
    convert,
)
from apps.video.objects.metadata import Metadata
from tests.jobs.site import is_alive
from tests.video.intake.brought import process


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    source = tmp_path / "source"
    source.write_bytes(b"no film at all")
    return Request(source, tmp_path / "object.dcm", Metadata(seed="x"), Policy(), may_encode=True)


def quiet(_: Any) -> None:
    return


def test_its_words_are_passed_on(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    process(
        monkeypatch,
        "say({'stage': 'scan', 'done': 1, 'total': 2}); say({'plan': {'path': 'remux'}})\n"
        "say({'report': {'frames': 7}, 'sop_instance_uid': request.metadata.seed})",
    )
    heard: list[Any] = []
    answer = convert(request_, heard.append)
    assert answer == Converted({"frames": 7}, "x")
    said = [each for each in heard if each]
    assert said == [{"stage": "scan", "done": 1, "total": 2}, {"plan": {"path": "remux"}}]


def test_a_refusal_and_work_of_the_other_lane(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    process(monkeypatch, "say({'refused': 'empty', 'reason': 'It is empty.'})")
    assert convert(request_, quiet) == Refusal("empty", "It is empty.")
    process(monkeypatch, "say({'elsewhere': True})")
    assert isinstance(convert(request_, quiet), Elsewhere)


ENDS = [
    ("os.kill(os.getpid(), 9)", ConversionStopped),
    ("os.kill(os.getpid(), 11)", ConversionStopped),
    ("sys.exit(3)", ConversionStopped),
    ("print('this is no JSON')", ConversionStopped),
    ("print('[1]')", ConversionStopped),
    ("say({'report': 'none', 'sop_instance_uid': 1})", ConversionStopped),
    ("sys.stdout.write('x' * (9 << 20)); sys.stdout.flush()", ConversionStopped),
    ("say({'failed': 'memory'})", ConversionStopped),
    ("say({'failed': 'space'})", OutOfSpace),
    ("say({'failed': 'error', 'class': 'KeyError', 'place': 'x.py:1'})", ConversionFailed),
]


@pytest.mark.parametrize(("script", "raised"), ENDS)
def test_each_end_has_its_error(
    request_: Request, monkeypatch: pytest.MonkeyPatch, script: str, raised: type[Exception]
) -> None:
    process(monkeypatch, script)
    with pytest.raises(raised):
        convert(request_, quiet)


def test_one_that_hangs_is_ended(request_: Request, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.VIDEO_SILENT_SECONDS = 3
    process(monkeypatch, "say({'stage': str(os.getpid()), 'done': 0, 'total': 0}); time.sleep(600)")
    pids: list[int] = []

    def listen(answer: Any) -> None:
        if answer:
            pids.append(int(answer["stage"]))

    with pytest.raises(ConversionHung):
        convert(request_, listen)
    assert not is_alive(pids[0])


def test_one_that_is_cancelled_is_ended(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    process(monkeypatch, "say({'stage': str(os.getpid()), 'done': 0, 'total': 0}); time.sleep(600)")
    pids: list[int] = []

    def listen(answer: Any) -> None:
        if answer:
            pids.append(int(answer["stage"]))
        elif pids:
            raise Cancelled

    with pytest.raises(Cancelled):
        convert(request_, listen)
    assert not is_alive(pids[0])


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """Even where it hangs, and however its parent went."""
    script = (
        "import os, sys, subprocess\n"
        "theirs, ours = os.pipe()\n"
        "code = 'import sys, time; from apps.jobs.processes import confining; "
        "confining.end_with_the_owner_of(int(sys.argv[1])); print(1, flush=True); time.sleep(600)'\n"
        "p = subprocess.Popen([sys.executable, '-c', code, str(theirs)], pass_fds=(theirs,), stdout=subprocess.PIPE)\n"
        "p.stdout.readline(); print(p.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    pid = int(done.stdout)
    for _ in range(200):
        if not is_alive(pid):
            return
        time.sleep(0.05)
    pytest.fail("it is still there")


def test_it_knows_no_secrets_and_has_bounded_memory(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEA_SECRET_KEY", "xyzzy")
    process(
        monkeypatch,
        "import resource\nconfining.limit(300 << 20)\n"
        "names = sorted(name for name in os.environ if 'FOVEA' in name or 'DJANGO' in name)\n"
        "try:\n    bytearray(400 << 20)\nexcept MemoryError:\n    names.append('bounded')\n"
        "core = resource.getrlimit(resource.RLIMIT_CORE)[0]\n"
        "say({'report': {'names': names, 'core': core}, 'sop_instance_uid': ''})",
    )
    answer = convert(request_, quiet)
    assert answer == Converted({"names": ["bounded"], "core": 0}, "")


def test_nothing_is_left_open(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    process(monkeypatch, "say({'elsewhere': True})")
    convert(request_, quiet)
    before = len(list(Path("/proc/self/fd").iterdir()))
    convert(request_, quiet)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_web_process_loads_no_decoder() -> None:
    script = (
        "import sys; import apps.video.child, apps.video.converter; "
        "print([name for name in ('av', 'numpy', 'pydicom', 'PIL') if name in sys.modules])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    assert done.stdout.strip() == b"[]"


def test_a_request_travels(request_: Request) -> None:
    assert pickle.loads(pickle.dumps(request_)) == request_
