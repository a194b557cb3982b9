"""What a DICOMDIR says should be on its medium (PS3.10 8.6, PS3.3 Annex F)."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from apps.dicom.errors import Unreadable
from apps.dicom.reader import read
from apps.saying import say

MAX_BYTES: Final = 64 << 20
_RECORDS: Final = "00041220"
_IN_USE: Final = "00041410"
_FILE_ID: Final = "00041500"
_INACTIVE: Final = 0
# Wider than PS3.10 8.2 has it, because writers don't keep to it; never a step up or a separator.
_COMPONENT: Final = re.compile(r"(?!\.)[^/\\\0]{1,64}")

FileId = tuple[str, ...]


def missing_files(dicomdir: bytes, is_there: Callable[[FileId], bool]) -> Iterator[FileId]:
    """The files that a DICOMDIR names and that are not there. Raises Unreadable."""
    return (file_id for file_id in sorted(referenced_files(dicomdir)) if not is_there(file_id))


def referenced_files(dicomdir: bytes) -> set[FileId]:
    """The Referenced File IDs of a DICOMDIR's active records. Raises Unreadable for what is no DICOMDIR."""
    if len(dicomdir) > MAX_BYTES:
        raise Unreadable(say("The DICOMDIR is larger than {max_bytes} MiB.", max_bytes=MAX_BYTES >> 20))
    items = read(dicomdir).attributes.get(_RECORDS, {}).get("Value", [])
    # A file that gives the sequence another VR has texts or numbers in it.
    records = [item for item in items if isinstance(item, dict)]
    return {file_id for record in records if _is_active(record) and (file_id := _file_id(record))}


def _is_active(record: dict[str, Any]) -> bool:
    return _INACTIVE not in record.get(_IN_USE, {}).get("Value", [])


def _file_id(record: dict[str, Any]) -> FileId:
    return tuple(str(component) for component in record.get(_FILE_ID, {}).get("Value", []))


def on_disk(folder: Path) -> Callable[[FileId], bool]:
    """Whether a file is in this folder. Media are mounted with names in either case, or with versions (`;1`)."""

    @lru_cache(maxsize=1024)
    def names(path: Path) -> dict[str, Path]:
        try:
            return {_folded(entry.name): entry for entry in path.iterdir()}
        except OSError:
            return {}

    def is_there(file_id: FileId) -> bool:
        path: Path | None = folder
        for component in file_id:
            if path is None or not _COMPONENT.fullmatch(component):
                return False
            path = names(path).get(_folded(component))
        return path is not None

    return is_there


class Listing:
    """The names of an archive's members, for DICOMDIRs in it to be compared with."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = names

    def below(self, folder: str) -> Callable[[FileId], bool]:
        """Whether a file is in the archive, below the folder where its DICOMDIR lies."""
        start = (folder,) if folder else ()
        return lambda file_id: _folded("/".join(start + file_id)) in self._folded_names

    @cached_property
    def _folded_names(self) -> frozenset[str]:
        return frozenset(map(_folded, self._names))


def _folded(name: str) -> str:
    return re.sub(r";\d+$", "", name).rstrip(".").casefold()
