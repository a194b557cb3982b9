"""A site of its own for a test: a data folder, an embedded database, and a real worker over it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
NEW = {
    "key": "",
    "state": "queued",
    "attempts": 0,
    "worker": "",
    "progress_done": 0,
    "progress_text": "",
    "error": "",
    "cancel_requested": 0,
}


class Site:
    """Short leases, so that what takes a minute in a practice takes seconds here."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FOVEA_")},
            "DJANGO_SETTINGS_MODULE": "tests.jobs.kinds.settings",
            "FOVEA_DATA": str(folder),
            "FOVEA_JOB_LEASE": "2",
            "FOVEA_JOB_SWEEP": "1",
            "FOVEA_JOB_BACKOFF": "0",
            "FOVEA_JOB_GRACE": "1",
            **environment,
        }
        self.worker: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *kinds: str) -> list[int]:
        """Enqueue a job of each kind as an app does, in one transaction; `begun` counts its attempts."""
        pairs = [(kind, self._log_of(kind)) for kind in kinds]
        return [int(pk) for pk in self.manage("ask", *(word for pair in pairs for word in pair)).split()]

    def insert(self, kind: str, max_attempts: int = 2) -> int:
        """A job's row alone, as if the process that asked had died: the sweeper sends it. Cheaper than `ask`."""
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        row = {**NEW, "kind": kind, "parameters": json.dumps({"file": self._log_of(kind)})}
        row |= {"created_at": now, "not_before": now, "max_attempts": max_attempts}
        marks = ", ".join("?" * len(row))
        return self._execute(f"INSERT INTO jobs_job ({', '.join(row)}) VALUES ({marks})", *row.values())

    def begun(self, kind: str) -> list[int]:
        """The process that began each attempt of that kind of job."""
        file = Path(self._log_of(kind))
        return [int(pid) for pid in file.read_text().split()] if file.exists() else []

    def start_worker(self) -> None:
        command = [sys.executable, "manage.py", "worker"]
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=log)

    def stop_worker(self, number: int = signal.SIGTERM) -> int:
        assert self.worker is not None
        self.worker.send_signal(number)
        return self.worker.wait(PATIENCE)

    def job(self, pk: int) -> dict[str, Any]:
        return self._rows("SELECT * FROM jobs_job WHERE id = ?", pk)[0]

    def cancel(self, pk: int) -> None:
        self._execute("UPDATE jobs_job SET cancel_requested = 1 WHERE id = ?", pk)

    def wait_for(self, pk: int, **columns: object) -> dict[str, Any]:
        """The job's row, once its columns have these values."""
        wait_until(lambda: columns.items() <= self.job(pk).items(), lambda: str(self.job(pk)))
        return self.job(pk)

    def _log_of(self, kind: str) -> str:
        return str(self.folder / f"{kind}.log")

    def _execute(self, statement: str, *parameters: object) -> int:
        with closing(self._connect()) as database, database:
            return database.execute(statement, parameters).lastrowid or 0

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "fovea.sqlite3", timeout=20)

    def _rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with closing(self._connect()) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, parameters)]


def wait_until(condition: Callable[[], bool], told: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it never came to pass: {told()}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
