"""The folder that the fonts lie in, and whether all of them do."""

import hashlib
import os
from pathlib import Path
from typing import Final

from apps.reports.printing.fonts.packages import PACKAGES

ROOT: Final = Path(__file__).resolve().parents[4]
STAMP: Final = ".fovea-fonts"
# How they are had, for who lacks them.
COMMAND: Final = "python -m apps.reports.printing.fonts"


def default_folder() -> Path:
    """Where the fonts go, and where they are looked for, unless `FOVEA_FONTS` says otherwise."""
    return Path(os.environ.get("FOVEA_FONTS") or ROOT / ".fonts")


def stamp() -> str:
    """What tells one choice of fonts from another."""
    return hashlib.sha256("\n".join(each.spec + each.integrity for each in PACKAGES).encode()).hexdigest()


def is_current(folder: Path) -> bool:
    """Whether the folder holds just the fonts that this software wants."""
    path = folder / STAMP
    return path.is_file() and path.read_text(encoding="utf-8") == stamp() and not missing(folder)


def missing(folder: Path) -> list[str]:
    """The names of the font files that are not there."""
    wanted = (name for each in PACKAGES for name in each.kept.values())
    return sorted(name for name in wanted if not (folder / name).is_file())
