"""Whether a bundle's files are those that were checked when it came: SHA256SUMS, as sha256sum writes it; pure."""

import hashlib
import re
from pathlib import Path
from typing import Final

from apps.saying import say
from apps.segmentation.bundles.faults import Faulty

FILE: Final = "SHA256SUMS"
MOST_BYTES: Final = 1 << 18
_LINE: Final = re.compile(r"([0-9a-fA-F]{64}) [ *](?:\./)?(.+)")


def sums_of(folder: Path) -> dict[str, str] | None:
    """Each file's SHA-256, by its path in the bundle; None where there is no such list. Raises Faulty."""
    try:
        with (folder / FILE).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Faulty(say("{file} can't be read.", file=FILE)) from error
    lines = data.decode("utf-8", "replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines if line.strip()]
    if len(data) > MOST_BYTES or not found or not all(found):
        raise Faulty(say("{file} is not what sha256sum writes.", file=FILE))
    return {match[2]: match[1].lower() for match in found if match}


def check(folder: Path, sums: dict[str, str], *names: str) -> None:
    """Whether these files are as `sums` say. Raises Faulty."""
    for name in names:
        if name not in sums:
            raise Faulty(say("{sums} doesn't have {file}.", sums=FILE, file=name))
        if digest_of(folder / name) != sums[name]:
            raise Faulty(say("{file} is not what {sums} says: changed, or incomplete.", sums=FILE, file=name))


def digest_of(path: Path) -> str:
    """A file's SHA-256. Raises Faulty where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Faulty(say("{file} can't be read.", file=path.name)) from error
