"""Orthanc as the peer: on a loopback port, with an empty storage, set up as its documentation advises for speed."""

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.targets import Target, free_port, wait_for

PROGRAM = "usr/sbin/Orthanc"
PLUGINS = "usr/share/orthanc/plugins"
# Kept in the index besides the usual ones, so that a search reads no file.
EXTRA_TAGS = {
    "Instance": [
        *("Rows", "Columns", "ImageType", "SOPClassUID", "ContentDate", "ContentTime", "FrameOfReferenceUID"),
        *("PixelSpacing", "SpecificCharacterSet", "BitsAllocated", "BitsStored"),
    ],
    "Series": ["TimezoneOffsetFromUTC", "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"],
    "Study": ["TimezoneOffsetFromUTC"],
    "Patient": [],
}


def is_installed(root: Path) -> bool:
    """Whether Orthanc with its DICOMweb plugin is in the system that begins at `root`."""
    return (root / PROGRAM).exists() and any((root / PLUGINS).glob("libOrthancDicomWeb.so*"))


@contextmanager
def orthanc(root: Path) -> Iterator[Target]:
    """The Orthanc of the system at `root` (`/`, or a folder with another Debian), ended with the context.

    A libsqlite3 in `root`/opt/sqlite takes precedence: newer ones plan Orthanc's look-ups far worse than Debian 12's.
    """
    _name_this_machine(root)
    with tempfile.TemporaryDirectory(prefix="fovea-bench-orthanc-", dir=root / "tmp") as folder:
        inside = Path("/") / Path(folder).relative_to(root)
        port = free_port()
        place = Path(folder) / "orthanc.json"
        place.write_text(json.dumps(configuration(root, inside, port)))
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(_command(root, inside / place.name), stdout=log, stderr=log)
        try:
            version = json.loads(wait_for(port, "/system"))["Version"]
            yield Target(f"Orthanc {version}", f"http://127.0.0.1:{port}/dicom-web", process.pid, {})
        finally:
            process.terminate()
            process.wait(60)


def configuration(root: Path, folder: Path, port: int) -> dict[str, Any]:
    """What its file of settings says; `folder` is where its storage lies, as it sees it."""
    plugins = [plugin for name in ("DicomWeb", "Gdcm") for plugin in (root / PLUGINS).glob(f"libOrthanc{name}.so")]
    return {
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": port,
        "HttpBindAddresses": ["127.0.0.1"],
        "DicomServerEnabled": False,
        "Plugins": [str(Path("/") / plugin.relative_to(root)) for plugin in plugins],
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "ConcurrentJobs": 4,
        "SaveJobs": False,
        "StorageAccessOnFind": "Never",
        "KeepAlive": True,
        "TcpNoDelay": True,
        "ExtraMainDicomTags": EXTRA_TAGS,
        "DicomWeb": {
            "Enable": True,
            "Root": "/dicom-web/",
            "StudiesMetadata": "Full",
            "SeriesMetadata": "Full",
            "EnableMetadataCache": True,
            "MetadataWorkerThreadsCount": 4,
            "WadoRsLoaderThreadsCount": 0,
        },
    }


def _name_this_machine(root: Path) -> None:
    """Without it Orthanc asks the name server who it is, once for every study that a search finds."""
    hosts = root / "etc/hosts"
    if not hosts.exists():
        hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")


def _command(root: Path, configuration: Path) -> list[str]:
    settings = ["LD_LIBRARY_PATH=/opt/sqlite"] if (root / "opt/sqlite").is_dir() else []
    command = [shutil.which("env") or "env", *settings, f"/{PROGRAM}", str(configuration)]
    return command if root == Path("/") else ["chroot", str(root), *command]
