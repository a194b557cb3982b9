"""Getting the fonts, by npm and from whatever registry it is set up with; checked byte for byte."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from apps.reports.printing.fonts.folder import STAMP, is_current, stamp
from apps.reports.printing.fonts.packages import PACKAGES, Package

SECONDS: Final = 600
SIDE_BY_SIDE: Final = 3
MOST_BYTES: Final = 32 << 20


class NotFetched(Exception):
    """The fonts can't be had; the text says why and what to do."""


def fetch(target: Path) -> bool:
    """Put the fonts into `target`, replacing others at once. Returns False if they were there already.

    Raises NotFetched, and leaves `target` as it was, when a package can't be had or is another than was pinned.
    """
    if is_current(target):
        return False
    if target.exists() and any(target.iterdir()) and not (target / STAMP).exists():
        raise NotFetched(f"{target} holds something else: name an empty or a new folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{target.name}.", dir=target.parent) as scratch:
        fresh = Path(scratch) / "fresh"
        fresh.mkdir()
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(lambda each: unpack(each, _tarball(each, Path(scratch)), fresh), PACKAGES))
        (fresh / STAMP).write_text(stamp(), encoding="utf-8")
        fresh.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return True


def unpack(package: Package, tarball: Path, target: Path) -> None:
    """Put what is kept of a tarball into the folder `target`. Raises NotFetched for one that was not pinned."""
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise NotFetched(f"{tarball.name} is not {package.spec} as published (its SHA-512 differs). It was not used.")
    with tarfile.open(tarball) as archive:
        for member, name in package.kept.items():
            _extract(archive, member, target / name)


def _extract(archive: tarfile.TarFile, member: str, path: Path) -> None:
    """One plain file, under a name of ours."""
    source = archive.extractfile(member)
    if source is None or archive.getmember(member).size > MOST_BYTES:
        raise NotFetched(f"{member} is not a font of its size.")
    with source, path.open("wb") as file:
        shutil.copyfileobj(source, file)


def _tarball(package: Package, folder: Path) -> Path:
    command = ["npm", "pack", package.spec, "--pack-destination", str(folder), "--silent"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError as error:
        raise NotFetched("npm is needed to fetch the fonts: install it (package npm), then try again.") from error
    except subprocess.TimeoutExpired as error:
        raise NotFetched(f"npm did not deliver {package.spec} within {SECONDS} s: try again.") from error
    if done.returncode or not done.stdout.strip():
        raise NotFetched(f"npm could not fetch {package.spec}: {done.stderr.strip()[-2000:]}")
    return folder / done.stdout.strip().splitlines()[-1]
