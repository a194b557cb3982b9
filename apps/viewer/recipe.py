"""Where the viewer is mounted, and the name of a build: it changes with everything that decides its files."""

import hashlib
from pathlib import Path
from typing import Final

from apps.viewer.package import INTEGRITY, VERSION

MOUNT: Final = "/viewer/"
STAMP: Final = ".fovea-viewer"
HERE: Final = Path(__file__).parent
FAVICON: Final = HERE.parent.parent / "static/fovea/favicon.svg"
SOURCES: Final = (
    "package.py",
    "recipe.py",
    "patches.py",
    "said.py",
    "page.py",
    "page.html",
    "compression.py",
    "dist.py",
)


def build_name() -> str:
    """Return the name of the folder, and so of the addresses, of the files that this source would make.

    Files keep OHIF's own hashed names although their content is patched, so the folder must change with the
    patches for browsers to keep the files for good.
    """
    digest = hashlib.sha256(INTEGRITY.encode())
    for source in [*(HERE / name for name in SOURCES), *sorted((HERE / "javascript").rglob("*.js")), FAVICON]:
        digest.update(source.read_bytes())
    return f"{VERSION}-{digest.hexdigest()[:12]}"


def javascript(name: str) -> str:
    """Return our own script of this name."""
    return (HERE / "javascript" / name).read_text(encoding="utf-8")
