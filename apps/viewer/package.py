"""The viewer's npm package: which one, pinned to its bytes, and the part of it that is kept."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

NAME: Final = "@ohif/app"
VERSION: Final = "3.13.2"
INTEGRITY: Final = "sha512-WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="

MAX_FILES: Final = 1000
MAX_BYTES: Final = 256 << 20
FETCH_SECONDS: Final = 600

DIST: Final = PurePosixPath("package/dist")
LICENSE: Final = PurePosixPath("package/LICENSE")
# The runtime of on-device AI models (114 MB) and customisations by URL, which the configuration keeps off.
LEFT_OUT_FOLDERS: Final = frozenset({"ort", "customizations"})
# Our own page and configuration stand in for these; the service worker would unregister all others here.
LEFT_OUT_FILES: Final = frozenset(
    {
        "_headers",
        "_redirects",
        "app-config.js",
        "es6-shim.min.js",
        "google.js",
        "init-service-worker.js",
        "manifest.json",
        "ohif-logo-light.svg",
        "ohif-logo.svg",
        "oidc-client.min.js",
        "polyfill.min.js",
        "serve.json",
        "silent-refresh.html",
        "sw.js",
    }
)


class BuildError(Exception):
    """The viewer can't be made from what is there; the text says why and what to do."""


def fetch(folder: Path) -> Path:
    """Download the package's tarball into `folder`, by npm and from whatever registry it is set up with."""
    command = ["npm", "pack", f"{NAME}@{VERSION}", "--pack-destination", str(folder), "--silent"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
    except FileNotFoundError as error:
        raise BuildError("npm is needed to fetch the viewer: install it (package npm), then try again.") from error
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"npm did not deliver the viewer within {FETCH_SECONDS} s: try again.") from error
    if done.returncode or not done.stdout.strip():
        raise BuildError(f"npm could not fetch {NAME} {VERSION}: {done.stderr.strip()[-2000:]}")
    return folder / done.stdout.strip().splitlines()[-1]


def check_integrity(tarball: Path) -> None:
    """Raise BuildError unless the tarball is, byte for byte, the one that the patches were made for."""
    with tarball.open("rb") as file:
        digest = hashlib.file_digest(file, "sha512").digest()
    if f"sha512-{base64.b64encode(digest).decode()}" != INTEGRITY:
        raise BuildError(f"{tarball.name} is not {NAME} {VERSION} as published (its SHA-512 differs). It was not used.")


def unpack(tarball: Path, folder: Path) -> Path:
    """Extract what is kept of the package below `folder`, and return the root of its files."""
    try:
        with tarfile.open(tarball) as archive:
            for member in _bounded(archive):
                _extract(archive, member, folder / member.name)
    except tarfile.TarError as error:
        raise BuildError(f"{tarball.name} can't be unpacked: {error}") from error
    (folder / LICENSE).rename(folder / DIST / "LICENSE.txt")
    return folder / DIST


def is_kept(name: str) -> bool:
    """Whether the member of the tarball with this name is part of our viewer."""
    path = PurePosixPath(name)
    if path == LICENSE:
        return True
    if not path.is_relative_to(DIST) or path.suffix == ".map":
        return False
    inner = path.relative_to(DIST)
    is_icon = inner.parent == PurePosixPath("assets")
    return not is_icon and str(inner) not in LEFT_OUT_FILES and inner.parts[0] not in LEFT_OUT_FOLDERS


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one plain file. `extractall` can't be held to that by the first releases of Python 3.11 (Debian 12's)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source = archive.extractfile(member)
    if source is not None:
        with source, target.open("wb") as file:
            shutil.copyfileobj(source, file)


def _bounded(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    count = size = 0
    for member in archive:
        if not member.isfile() or not is_kept(member.name):
            continue
        if ".." in PurePosixPath(member.name).parts:
            raise tarfile.TarError("a file of it leads elsewhere")
        count, size = count + 1, size + member.size
        if count > MAX_FILES or size > MAX_BYTES:
            raise BuildError(f"{NAME} unpacks to more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB.")
        yield member
