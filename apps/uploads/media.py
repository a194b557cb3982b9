"""Walking through what a person names: files, folders, zip archives and media with a DICOMDIR."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from apps.dicom.errors import Unreadable
from apps.saying import say
from apps.uploads import dicomdir, zips
from apps.uploads.dicomdir import FileId
from apps.uploads.entries import Broken, Candidate, Entry, Kind, Missing, Other, Passed, Place, Problem
from apps.uploads.sniff import HEAD_BYTES, Content, content_of
from apps.uploads.sources import Budget, Source

MAX_ZIP_DEPTH: Final = 3
DICOMDIR: Final = "DICOMDIR"
IsThere = Callable[[FileId], bool]


def walk(paths: Iterable[Path]) -> Iterator[Entry]:
    """Every file below these paths, zip archives included, in a stable order; see `Entry` for what each may be.

    A candidate's bytes can be read until the next entry is asked for, as those of another file. Links are followed
    where the caller names one, and below a folder only to files in that same folder. Never raises for what it finds.
    """
    return chain.from_iterable(_named(path) for path in paths)


def size_on_disk(paths: Iterable[Path]) -> int:
    """Bytes of all files below these paths: what the weights of a whole walk add up to, about."""
    return sum(_size(file) for path in paths for file in _files(path) if isinstance(file, Path))


def _named(path: Path) -> Iterator[Entry]:
    for file in _files(path):
        if isinstance(file, Path):
            yield from inside(file)
        else:
            yield file


def _files(path: Path) -> Iterator[Path | Passed | Problem]:
    """The regular files that a named path stands for."""
    if path.name.upper() == DICOMDIR and path.is_file():
        path = path.parent
    if not path.exists():
        yield Problem(_label(path), "There is no such file or folder.")
    elif path.is_dir():
        yield from _below(path)
    elif path.is_file():
        yield path
    else:
        yield Problem(_label(path), "It is neither a file nor a folder.")


def _below(root: Path) -> Iterator[Path | Passed | Problem]:
    real_root = root.resolve()
    problems: list[Problem] = []

    def note(error: OSError) -> None:
        problems.append(Problem(_label(Path(error.filename)), f"The folder can't be read: {error.strerror}."))

    for folder, folders, names in os.walk(root, onerror=note):
        folders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink() and not _is_within(file, real_root):
                yield Passed(_place(file, 0, 0), Kind.LINK)
            elif file.is_file():
                yield file
        yield from problems
        problems.clear()
    yield from problems


def _is_within(link: Path, real_root: Path) -> bool:
    return link.resolve().is_relative_to(real_root)


def inside(path: Path) -> Iterator[Entry]:
    """What a file is or, of an archive, what it holds; as with `walk`."""
    try:
        with path.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if stat.S_ISREG(state.st_mode):
                place = _place(path, state.st_size, state.st_mtime_ns)
                yield from _entries(Source(stream), place, dicomdir.on_disk(path.parent), 0)
    except OSError as error:
        yield Problem(_label(path), f"It can't be read: {error.strerror}.", _size(path))


def _entries(source: Source, place: Place, is_there: IsThere, depth: int) -> Iterator[Entry]:
    """What one file holds, by its first bytes."""
    try:
        head = source.read(HEAD_BYTES)
        match content_of(head):
            case Content.OBJECT:
                yield Candidate(place, source.pieces(head))
            case Content.DIRECTORY:
                yield Passed(place, Kind.DIRECTORY)
                yield from _missing(source, head, place, is_there)
            case Content.ZIP:
                yield from _unzipped(source, head, place, depth)
            case Content.OTHER:
                yield Other(place, source.pieces(head))
    except Broken as error:
        yield Problem(place.label, str(error), place.weight)


def _unzipped(source: Source, head: bytes, place: Place, depth: int) -> Iterator[Entry]:
    if depth >= MAX_ZIP_DEPTH:
        raise Broken(
            say(
                "It is an archive more than {max_zip_depth} archives deep: unpack it first.",
                max_zip_depth=MAX_ZIP_DEPTH,
            )
        )
    budget = source.budget or Budget(place.size)
    for found in zips.members(source, head, place, budget):
        if isinstance(found, zips.Member):
            yield from _entries(found.source, found.place, found.is_there, depth + 1)
        else:
            yield found


def _missing(source: Source, head: bytes, place: Place, is_there: IsThere) -> Iterator[Entry]:
    content = bytearray()
    for piece in source.pieces(head):
        content += piece
        if len(content) > dicomdir.MAX_BYTES:
            break
    try:
        for file_id in dicomdir.missing_files(bytes(content), is_there):
            yield Missing(f"{place.label}: {'/'.join(file_id)}")
    except Unreadable as error:
        yield Problem(place.label, error.reason)


def _place(path: Path, size: int, modified_ns: int) -> Place:
    return Place(_label(path), os.fsencode(path.absolute()), size, modified_ns, size)


def _label(path: Path) -> str:
    """The path as text that any terminal takes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
