"""Makes the viewer's files from OHIF's npm package, without any settings: `python -m apps.viewer.dist`."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from apps.viewer import compression, package, page, patches
from apps.viewer.recipe import HERE, MOUNT, STAMP, build_name


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m apps.viewer.dist", description=__doc__)
    parser.add_argument("--into", type=Path, default=default_folder(), help="folder to make (default: %(default)s)")
    parser.add_argument("--tarball", type=Path, help=f"use this copy of {package.NAME} {package.VERSION}, without npm")
    options = parser.parse_args(arguments)
    try:
        made = make(options.into.resolve(), options.tarball)
    except (package.BuildError, OSError) as error:
        print(f"The viewer was not made. {error}", file=sys.stderr)
        return 1
    print(f"The viewer is {'made' if made else 'already'} in {options.into}.")
    return 0


def make(target: Path, tarball: Path | None = None) -> bool:
    """Make the viewer in `target`, replacing an older one at once. Returns False if it was there already.

    `target` holds `index.html` and one folder, named as the build, with all that the page loads. Raises
    package.BuildError and leaves `target` as it was when the package can't be had or is another.
    """
    if is_current(target):
        return False
    if target.exists() and any(target.iterdir()) and not (target / STAMP).exists():
        raise package.BuildError(f"{target} holds something else: name an empty or a new folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{target.name}.", dir=target.parent) as scratch:
        fresh = _build(Path(scratch), tarball)
        _replace(target, fresh, Path(scratch) / "old")
    return True


def default_folder() -> Path:
    """Where the viewer goes, and where the server looks for it, unless told otherwise."""
    return Path(os.environ.get("FOVEA_VIEWER_DIST") or HERE.parent.parent / ".ohif")


def is_current(target: Path) -> bool:
    """Whether `target` holds what this source would make."""
    stamp = target / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == build_name()


def _build(scratch: Path, tarball: Path | None) -> Path:
    name = build_name()
    base = f"{MOUNT}{name}/"
    fresh = scratch / "fresh"
    started = time.monotonic()
    _say(f"Fetching {package.NAME} {package.VERSION}", started)
    tarball = tarball or package.fetch(scratch)
    package.check_integrity(tarball)
    _say("Unpacking and patching", started)
    fresh.mkdir()
    root = package.unpack(tarball, scratch).rename(fresh / name)
    patches.apply(root, patches.patches_for(base))
    page.write(root, base)
    _say("Compressing", started)
    compression.compress_below(fresh)
    (fresh / STAMP).write_text(name, encoding="utf-8")
    fresh.chmod(0o755)
    _say("Done", started)
    return fresh


def _replace(target: Path, fresh: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _say(step: str, started: float) -> None:
    print(f"{time.monotonic() - started:5.1f} s  {step}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
