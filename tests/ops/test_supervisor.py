"""The parts of the server run as one group: restarted when they die, ended together, with nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
PROGRAM = """
import logging, sys
from pathlib import Path
from apps.ops import supervisor
logging.basicConfig(stream=sys.stderr, level="INFO", format="%(message)s")
notes, *manners = sys.argv[1:]
parts = [
    supervisor.Part(manner, (sys.executable, "tests/ops/parts.py", f"{notes}/{manner}", manner), grace=3)
    for manner in manners
]
told = lambda: print("ready", flush=True)
supervisor.Supervisor(parts, Path.cwd(), on_ready=told, first_pause=0.1).run()
print("all ended", flush=True)
"""


@dataclass
class Group:
    """A supervisor in a process of its own, as `manage.py serve` is one."""

    process: subprocess.Popen[str]
    notes: Path

    def said(self, manner: str) -> list[str]:
        file = self.notes / manner
        return file.read_text().splitlines() if file.exists() else []

    def pids(self, manner: str, word: str = "started") -> list[int]:
        return [int(line.split()[1]) for line in self.said(manner) if line.startswith(word)]

    def wait_for(self, manner: str, *, starts: int = 1) -> int:
        """The process id of the part's start of that number."""
        wait_until(lambda: len(self.pids(manner)) >= starts)
        return self.pids(manner)[starts - 1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Send the signal; what the supervisor printed until it ended."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return printed


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie that its new parent has not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Group]]:
    """Starts a supervisor with a part of each of the given manners."""
    groups: list[Group] = []

    def make(*manners: str) -> Group:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), *manners]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        groups.append(Group(process, tmp_path))
        return groups[-1]

    yield make
    for group in groups:
        if group.process.poll() is None:
            group.end()


def test_all_parts_are_ended_by_one_signal(start: Callable[..., Group]) -> None:
    group = start("work", "parent")
    pids = [group.wait_for("work"), group.wait_for("parent")]
    printed = group.end()
    assert printed.rstrip().endswith("all ended")
    assert group.process.returncode == 0
    assert not [pid for pid in pids if is_alive(pid)]


def test_being_ready_is_told_once(start: Callable[..., Group]) -> None:
    group = start("work")
    group.wait_for("work")
    assert group.end().count("ready") == 1


def test_ctrl_c_asks_each_part_once(start: Callable[..., Group]) -> None:
    """A terminal sends SIGINT to all of its foreground: the supervisor alone must get it."""
    group = start("work")
    group.wait_for("work")
    os.killpg(group.process.pid, signal.SIGINT)
    group.process.wait(PATIENCE)
    assert group.said("work")[1:] == ["asked"]


def test_a_part_that_dies_is_started_again(start: Callable[..., Group]) -> None:
    group = start("work")
    first = group.wait_for("work")
    os.kill(first, signal.SIGKILL)
    assert group.wait_for("work", starts=2) != first
    assert "was ended by SIGKILL" in group.end()


def test_a_part_that_keeps_failing_is_tried_after_longer_and_longer_pauses(start: Callable[..., Group]) -> None:
    group = start("fail")
    group.wait_for("fail", starts=3)
    printed = group.end()
    assert "starting it again in 0.1 s" in printed
    assert "starting it again in 0.2 s" in printed
    assert "ended with status 3" in printed


def test_one_part_goes_on_while_another_is_restarted(start: Callable[..., Group]) -> None:
    group = start("work", "fail")
    group.wait_for("fail", starts=2)
    assert len(group.pids("work")) == 1
    assert is_alive(group.wait_for("work"))


def test_a_part_that_does_not_end_in_time_is_killed(start: Callable[..., Group]) -> None:
    group = start("stubborn")
    pid = group.wait_for("stubborn")
    printed = group.end()
    assert "did not end within 3 s and is killed" in printed
    assert not is_alive(pid)


def test_what_a_dead_part_leaves_behind_is_ended(start: Callable[..., Group]) -> None:
    group = start("parent")
    leader = group.wait_for("parent")
    (child,) = group.pids("parent", "child")
    os.kill(leader, signal.SIGKILL)
    group.wait_for("parent", starts=2)
    wait_until(lambda: not is_alive(child))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_the_parts_end_with_a_supervisor_that_is_killed(start: Callable[..., Group]) -> None:
    group = start("work")
    pid = group.wait_for("work")
    group.process.kill()
    group.process.wait(PATIENCE)
    wait_until(lambda: not is_alive(pid))
    assert group.said("work")[-1] == "asked"


def test_a_part_whose_supervisor_is_gone_does_not_start() -> None:
    command = [sys.executable, "-m", "apps.ops.tied", "1", sys.executable, "-c", "print('started')"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "started" not in done.stdout
