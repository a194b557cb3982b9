"""The servers that are measured, each listening on a port of this machine with an empty storage."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.dicom.network.errors import NetworkError
from apps.dicom.network.requestor import Implementation, Node, Proposal, associate
from benchmarks.dimse import planned
from benchmarks.orthanc import PLUGINS, PROGRAM, configuration
from benchmarks.targets import PATIENCE, Target, free_port

US = Implementation("1.2.826.0.1.3680043.10.1561.1", "FOVEA_BENCH")
CLIENT, DESTINATION = "BENCH", "BENCHDST"
# Debian's dcmtk, which Orthanc and storescp are built with, waits for acknowledgements otherwise.
NODELAY = {"TCP_NODELAY": "1"}
ALLOWED = ("Echo", "Store", "Find", "FindWorklist", "Get", "Move")
SITE = """
from apps.accounts.models import Practice
from apps.remotes.models import ApplicationEntity, Remote, Service
practice = Practice.objects.first() or Practice.objects.create(name="Benchmark")
ApplicationEntity.objects.update_or_create(title="FOVEA", defaults={{"practice": practice}})
rights = {{f"may_{{service.value}}": True for service in Service}}
for title in ("{client}", "{destination}"):
    Remote.objects.create(practice=practice, name=title, title=title, host="127.0.0.1", port={port}, **rights)
from apps.accounts.principal import Principal
from apps.worklist.scheduling import Planned, schedule
from benchmarks.dimse import planned
for fields in planned.steps():
    schedule(practice.pk, Planned(**fields), Principal.worker(practice.pk, "benchmark"))
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A DICOM server under measurement. One that `only_stores` answers C-ECHO and C-STORE alone."""

    name: str
    title: str
    port: int
    pid: int
    only_stores: bool = False

    @property
    def node(self) -> Node:
        return Node("127.0.0.1", self.port, self.title, CLIENT)

    @property
    def processes(self) -> Target:
        """What its processes cost."""
        return Target(self.name, "http://127.0.0.1", self.pid, {})


@contextmanager
def fovea(destination: int) -> Iterator[Server]:
    """This checkout's DICOM server."""
    with tempfile.TemporaryDirectory(prefix="fovea-bench-dimse-") as folder:
        port = free_port()
        environment = os.environ | {
            "FOVEA_DATA": folder,
            "FOVEA_DIMSE": f"127.0.0.1:{port}",
            "FOVEA_LOG_LEVEL": "INFO",
        }
        site = SITE.format(client=CLIENT, destination=DESTINATION, port=destination)
        for arguments in (["migrate", "--verbosity", "0"], ["shell", "--no-imports", "-c", site]):
            subprocess.run([sys.executable, "manage.py", *arguments], env=environment, check=True)
        command = [sys.executable, "manage.py", "dicom_server"]
        with _running(command, environment, Path(folder) / "log") as pid:
            yield _answering(Server("Fovea", "FOVEA", port, pid))


@contextmanager
def orthanc(root: Path, destination: int) -> Iterator[Server]:
    """The Orthanc of the system at `root`, as benchmarks/orthanc.py sets it up, with its DICOM server on."""
    with tempfile.TemporaryDirectory(prefix="fovea-bench-orthanc-", dir=root / "tmp") as folder:
        inside = Path("/") / Path(folder).relative_to(root)
        port = free_port()
        settings = configuration(root, inside, free_port()) | {
            "DicomServerEnabled": True,
            "DicomPort": port,
            "DicomAet": "ORTHANC",
            **{f"DicomAlwaysAllow{service}": True for service in ALLOWED},
            "DicomModalities": {"destination": [DESTINATION, "127.0.0.1", destination]},
        }
        planned.write(Path(folder) / "worklist")
        settings["Plugins"] += [f"/{PLUGINS}/libModalityWorklists.so"]
        settings["Worklists"] = {"Enable": True, "Database": str(inside / "worklist"), "FilterIssuerAet": False}
        place = Path(folder) / "orthanc.json"
        place.write_text(json.dumps(settings))
        library = ["LD_LIBRARY_PATH=/opt/sqlite"] if (root / "opt/sqlite").is_dir() else []
        command = [shutil.which("env") or "env", *library, f"/{PROGRAM}", str(inside / place.name)]
        if root != Path("/"):
            command = ["chroot", str(root), *command]
        with _running(command, os.environ | NODELAY, Path(folder) / "log") as pid:
            version = subprocess.run(
                [*command[:-2], f"/{PROGRAM}", "--version"], capture_output=True, text=True, check=True
            ).stdout.split()[1]
            yield _answering(Server(f"Orthanc {version}", "ORTHANC", port, pid))


@contextmanager
def storescp() -> Iterator[Server]:
    """dcmtk's storescp, which writes files without an index and without making them durable: the floor."""
    with tempfile.TemporaryDirectory(prefix="fovea-bench-storescp-") as folder:
        port = free_port()
        command = ["storescp", "--fork", "--aetitle", "STORESCP", "--output-directory", folder, str(port)]
        with _running(command, os.environ | NODELAY, Path(folder) / "log") as pid:
            yield _answering(Server("storescp", "STORESCP", port, pid, only_stores=True))


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answering(server: Server) -> Server:
    """The server once it accepts associations. Raises RuntimeError if it never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1):
                pass
            proposal = Proposal([("1.2.840.10008.1.1", ["1.2.840.10008.1.2"])])
            with associate(server.node, proposal, US) as association:
                association.release()
        except (OSError, NetworkError):
            time.sleep(0.2)
        else:
            return server
    raise RuntimeError(f"{server.name} did not start.")
