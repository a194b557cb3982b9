"""The files of an upload, those in its archives included, each with the name that its sender knows it by."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from django.conf import settings

from apps.practice.batches.staging import Folder, Plan, StagedFile
from apps.saying import say
from apps.uploads import media
from apps.uploads.entries import Candidate, Missing, Other, Passed, Problem

CUT_OFF: Final = say("It is not as it was uploaded: the machine stopped at that moment. Send it again.")
TOO_MANY: Final = say("The archives in this archive have more files than a batch may bring. Send them in several.")
_WITHIN: Final = " > "
# What operating systems leave in folders.
_LEFTOVERS: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its place in the upload, its name, its names within its archive, about its size, and what it is."""

    key: str
    name: str
    aliases: tuple[str, ...]
    size: int
    entry: Candidate | Other | Passed | Problem

    @property
    def is_leftover(self) -> bool:
        """Whether an operating system left it in its folder, and nobody meant to send it."""
        path = PurePosixPath(self.aliases[0])
        return path.name.lower() in _LEFTOVERS or path.name.startswith("._") or "__MACOSX" in path.parts


def files(folder: Folder, plan: Plan) -> Iterator[Found]:
    """All files, in order. The bytes of one can be read until the next is asked for."""
    for file in plan.files:
        for number, found in enumerate(_of(folder, file)):
            if number == settings.BATCH_FILES:
                yield Found(f"{file.number}+", file.name, (file.name,), file.size, Problem(file.name, TOO_MANY))
                break
            yield found


def _of(folder: Folder, file: StagedFile) -> Iterator[Found]:
    path = folder.file(file.number)
    if not _is_whole(path, file.size):
        yield Found(str(file.number), file.name, (file.name,), file.size, Problem(file.name, CUT_OFF))
        return
    label, key = str(path), os.fsencode(path.absolute())
    for entry in media.inside(path):
        # A DICOMDIR among the files can't tell what should lie beside it: here all have other names.
        if isinstance(entry, Missing):
            continue
        yield _found(file, entry, label, key)


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _found(file: StagedFile, entry: Candidate | Other | Passed | Problem, label: str, key: bytes) -> Found:
    if isinstance(entry, Problem):
        within, size = entry.label.removeprefix(label), entry.weight
        place = f"!{hashlib.sha256(within.encode()).hexdigest()[:32]}"
    else:
        within, size = entry.place.label.removeprefix(label), entry.place.weight
        place = entry.place.key.removeprefix(key).decode()
    inner = within.rpartition(_WITHIN)[2]
    aliases = (inner, PurePosixPath(inner).name) if within else (file.name,)
    return Found(f"{file.number}{place}", f"{file.name}{within}", aliases, size, entry)
