"""An archive of somebody else's: dcmtk's dcmqrscp, with C-FIND, C-GET, C-MOVE and C-STORE, on a folder of a test's."""

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from apps.accounts.models import Practice
from apps.remotes.models import Remote
from tests.live import wait_until

TITLE: Final = "ARCHIVE"
CONFIGURATION: Final = """
NetworkTCPPort = {port}
MaxPDUSize = 131072
MaxAssociations = 16
HostTable BEGIN
ours = ({ours}, 127.0.0.1, {our_port})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{title} {folder} RW (500, 1024mb) ANY
AETable END
"""


class Archive:
    """A running dcmqrscp; `folder` holds what it has."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def add(self, *files: bytes) -> None:
        """Put these objects into it."""
        start = len(list(self.folder.glob("*.dcm")))
        paths = [self.folder / f"{number}.dcm" for number in range(start, start + len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        subprocess.run(["dcmqridx", str(self.folder), *map(str, paths)], check=True, capture_output=True)

    def files(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.name != "index.dat"]

    def remote(self, practice: Practice, **fields: Any) -> Remote:
        known = {"name": "Old archive", "title": TITLE, "host": "127.0.0.1", "port": self.port, "may_store": True}
        return Remote.objects.create(practice=practice, **{**known, **fields})


@contextmanager
def archive(folder: Path, *options: str, ours: str = "NORTH", our_port: int = 1) -> Iterator[Archive]:
    """An empty archive that knows this server by its AE title, on a port of its own."""
    kept = folder / "kept"
    kept.mkdir(parents=True)
    port = _free_port()
    text = CONFIGURATION.format(port=port, ours=ours, our_port=our_port, title=TITLE, folder=kept)
    (folder / "dcmqrscp.cfg").write_text(text)
    process = _start(folder, options, port)
    try:
        wait_until(lambda: _answers(port))
        yield Archive(kept, port)
    finally:
        process.terminate()
        process.wait()


def _start(folder: Path, options: Sequence[str], port: int) -> subprocess.Popen[bytes]:
    command = ["dcmqrscp", "-c", str(folder / "dcmqrscp.cfg"), *options, str(port)]
    with (folder / "dcmqrscp.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"TCP_NODELAY": "1"})


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
