"""A real rsyslog as the collector of the record: TLS on a loopback port, with certificates of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests import certificates
from tests.servers import ROOT, free_port

PATIENCE: Final = 30
MUTUAL: Final = 'StreamDriver.AuthMode="x509/name" PermittedPeer=["fovea.test"]'
CONFIGURATION: Final = """
global(workDirectory="{folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="{folder}/ca.pem"
       defaultNetstreamDriverCertFile="{folder}/server.pem" defaultNetstreamDriverKeyFile="{folder}/server.key")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" {authentication})
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="line" type="list" option.jsonf="on") {{
  property(outname="priority" name="pri" format="jsonf")
  property(outname="application" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}}
action(type="omfile" file="{folder}/received" template="line")
"""


@dataclass(frozen=True, slots=True)
class Collector:
    """A running collector; `folder` has the certificates of both sides."""

    folder: Path
    port: int

    def received(self, count: int) -> list[dict[str, Any]]:
        """The messages, once there are so many of them."""
        file = self.folder / "received"
        _wait_for(lambda: file.exists() and len(file.read_bytes().splitlines()) >= count)
        return [json.loads(line) for line in file.read_text().splitlines()]


@contextmanager
def rsyslog(folder: Path, *, port: int = 0, mutual: bool = True) -> Iterator[Collector]:
    """The collector, from when it listens until the block ends; started again in the same folder, it goes on."""
    port = port or free_port()
    if not (folder / "ca.pem").exists():
        make_certificates(folder)
    authentication = MUTUAL if mutual else 'StreamDriver.AuthMode="anon"'
    configuration = folder / "rsyslog.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, authentication=authentication))
    program = next(path for path in ("/usr/sbin/rsyslogd", "/usr/local/sbin/rsyslogd") if Path(path).exists())
    command = [program, "-n", "-f", str(configuration), "-i", str(folder / "pid")]
    tied = [sys.executable, "-m", "apps.ops.tied", str(os.getpid()), *command]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(tied, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(lambda: _listens(port), process)
        yield Collector(folder, port)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def make_certificates(folder: Path) -> None:
    """An authority, and what it signed for both sides: PEM files."""
    key, authority = certificates.signed("Tests", folder / "ca")
    certificates.signed("localhost", folder / "server", (key, authority))
    certificates.signed("fovea.test", folder / "client", (key, authority))


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(is_so: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            raise RuntimeError("The collector did not do what was waited for.")
        time.sleep(0.05)
