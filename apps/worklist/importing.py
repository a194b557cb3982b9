"""Bringing worklists in from files, CSV tables and DICOM worklist files alike; each step stands or falls by itself."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from apps.accounts.principal import Principal
from apps.core.errors import FoveaError, Invalid, NotFound, Refused
from apps.saying import Sentence, say
from apps.worklist import scheduling, tables, worklist_files
from apps.worklist.taking import Change, Facts, take

MAX_BYTES: Final = 8 << 20
MOST_FILES: Final = 5000
MOST_ERRORS: Final = 100
SUFFIXES: Final = frozenset({".wl", ".csv", ".dcm", ".txt"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file by its name, read when its turn comes."""

    name: str
    path: Path | None = None
    content: bytes = b""

    def read(self) -> bytes:
        """Raises Invalid for a file that can't be read, or has more than 8 MiB."""
        if self.path is None:
            return self.content
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise Invalid(say("It can't be read: {strerror}.", strerror=error.strerror)) from error
        if len(data) > MAX_BYTES:
            raise Invalid(too_large())
        return data


@dataclass(slots=True)
class Report:
    """What became of the steps, counted, and for the first hundred that were not taken where they stand and why."""

    counts: Counter[Change] = field(default_factory=Counter)
    failed: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)

    def fail(self, where: str, error: str) -> None:
        self.failed += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append((where, error))

    @property
    def words(self) -> str:
        """All of it in a line."""
        return ", ".join(self.counted)

    @property
    def counted(self) -> list[Sentence]:
        """What became of how many."""
        said = [_counted(change, count) for change, count in self.counts.items()]
        if self.failed:
            said.append(say("{count} not taken", count=self.failed))
        return said or [say("nothing to take")]


def too_large() -> Sentence:
    """Why a file is not read."""
    return say("It is larger than {most} MiB. Give it in parts.", most=MAX_BYTES >> 20)


def _counted(change: Change, count: int) -> Sentence:
    match change:
        case Change.PLANNED:
            return say("{count} planned", count=count)
        case Change.CHANGED:
            return say("{count} changed", count=count)
        case Change.SAME:
            return say("{count} the same", count=count)
        case Change.KEPT:
            return say("{count} left as it is, since it has begun or ended", count=count)


def bring(practice_id: int, sources: Iterable[Source], by: Principal, *, source: str) -> Report:
    """Plan the steps of these files in the practice, or change those that are known (`apps.worklist.taking`).

    Raises Refused and NotFound for who may not plan there; what is wrong with a file or a line is in the report.
    """
    scheduling.decide(by, practice_id)
    report = Report()
    for each in sources:
        for where, facts, error in _steps(each):
            if error:
                report.fail(where, error)
                continue
            try:
                report.counts[take(practice_id, facts, by, source=source).change] += 1
            except (Refused, NotFound):
                raise
            except FoveaError as refused:
                report.fail(where, refused.detail)
    return report


def files(paths: Iterable[Path]) -> Iterator[Source]:
    """These files, and of folders the .wl, .csv, .dcm and .txt files right in them. Raises Invalid for over 5,000."""
    count = 0
    for path in paths:
        for one in sorted(path.iterdir()) if path.is_dir() else [path]:
            if one != path and (one.suffix.lower() not in SUFFIXES or not one.is_file()):
                continue
            count += 1
            if count > MOST_FILES:
                raise Invalid(say("There are more than {most_files} files. Give them in parts.", most_files=MOST_FILES))
            yield Source(one.name, one)


def _steps(source: Source) -> Iterator[tuple[str, Facts, str]]:
    """Where each step of the file stands, and what is said of it or what is wrong."""
    try:
        data = source.read()
        if worklist_files.is_dicom(data):
            yield from ((source.name, facts, "") for facts in worklist_files.steps(data))
        else:
            yield from ((_line(source, one.number), one.facts, one.error) for one in tables.steps(data))
    except Invalid as error:
        yield source.name, {}, error.detail


def _line(source: Source, number: int) -> Sentence:
    return say("{name}, line {number}", name=source.name, number=number)
