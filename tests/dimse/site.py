"""A site whose DICOM server is a process of its own."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from apps.dicom.network.errors import NetworkError
from tests.dimse import nodes
from tests.live import Site, is_alive, kill, wait_until
from tests.servers import free_port

# What a site needs to be called: our AE title, and a remote that may do everything.
NODES = """
import json
from apps.accounts.models import Practice
from tests.dimse import nodes
practice = Practice.objects.get()
nodes.add_entity(practice)
for title, fields in json.loads({remotes!r}).items():
    nodes.add_remote(practice, title, **fields)
"""


@dataclass(frozen=True, slots=True)
class Process:
    """A running `manage.py dicom_server`."""

    port: int
    pid: int

    def memory(self) -> int:
        """Its resident size, in bytes."""
        return self._status("VmRSS:") << 10

    def threads(self) -> int:
        return self._status("Threads:")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))

    def kill(self) -> None:
        """As a power cut would."""
        kill(self.pid)


class DicomSite(Site):
    """A site with an AE title and remotes (fields of Remote by AE title); `answering` runs its DICOM server."""

    def __init__(self, folder: Path, remotes: dict[str, dict[str, object]] | None = None, **environment: str) -> None:
        self.port = free_port()
        super().__init__(folder, FOVEA_DIMSE=f"127.0.0.1:{self.port}", **environment)
        self.remotes = {nodes.THEIRS: {}} if remotes is None else remotes

    def prepare(self) -> None:
        """Put the nodes into the database."""
        said = self.run("shell", "--no-imports", "-c", NODES.format(remotes=json.dumps(self.remotes)))
        assert not said, said

    def log(self) -> str:
        """What the server has written."""
        return (self.folder / "manage.py.log").read_text()

    @contextmanager
    def answering(self) -> Iterator[Process]:
        """The DICOM server, until the block ends; it is told to end in good order."""
        process = Process(self.port, self.fork("manage.py", "dicom_server"))
        try:
            wait_until(lambda: self._answers(process))
            yield process
        finally:
            end(process.pid)

    def _answers(self, process: Process) -> bool:
        assert is_alive(process.pid), self.log()
        try:
            return nodes.is_answered(process.port)
        except NetworkError:
            return False


def end(pid: int) -> None:
    """Tell the process to end, and wait until it has."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not is_alive(pid))
