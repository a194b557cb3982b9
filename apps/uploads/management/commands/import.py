# ruff: noqa: N999 -- the module is named as the command
"""`manage.py import PATH…`: files, folders, zip archives and media into the archive."""

import signal
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.accounts.models import Practice
from apps.archive.store import Origin
from apps.core.errors import FoveaError
from apps.uploads import importing, media
from apps.uploads.report import lines
from apps.uploads.summary import Summary

WAY: Final = "import"
INTERRUPTED: Final = 130
FAILED: Final = 1


class Command(BaseCommand):
    help = (
        "Store every DICOM object in files, folders, zip archives and media with a DICOMDIR. Prints what was "
        "stored, known, quarantined and refused, and why; exits with 1 when anything was refused or missing. "
        "An import that was interrupted goes on where it was when it is started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="A file, a folder or a zip archive.")
        parser.add_argument("--practice", metavar="NAME", help="Where to; without it, the first practice.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be read; store nothing.")
        parser.add_argument("--no-resume", action="store_true", help="Read again what earlier imports have finished.")

    def handle(self, *_: str, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        practice = practice_named(options["practice"])
        self.stdout.write(f"Importing into the practice {practice.name}.")
        try:
            with _bar(paths) as progress, _stopped_by_signals() as should_stop:
                if options["dry_run"]:
                    summary = importing.look(paths, progress=progress)
                else:
                    origin = Origin(WAY, practice.pk, "manage.py import")
                    resume = not options["no_resume"]
                    summary = importing.run(paths, origin, resume=resume, should_stop=should_stop, progress=progress)
        except FoveaError as error:
            raise CommandError(error.detail) from error
        for line in lines(summary):
            self.stdout.write(line)
        if summary.has_failed:
            raise SystemExit(INTERRUPTED if summary.is_interrupted else FAILED)


def practice_named(name: str | None) -> Practice:
    """The practice of this name, or the site's first. Raises CommandError when there is none."""
    practices = Practice.objects.order_by("pk")
    found = practices.filter(name=name).first() if name else practices.first()
    if found is not None:
        return found
    if not practices:
        raise CommandError("There is no practice yet: create one in the admin.")
    names = ", ".join(practice.name for practice in practices)
    raise CommandError(f"There is no practice {name}. There are: {names}.")


@contextmanager
def _bar(paths: list[Path]) -> Iterator[importing.Progress]:
    """A progress bar on standard error: bytes of what is on disk, and how many objects are in."""
    with tqdm(total=media.size_on_disk(paths), unit="B", unit_scale=True, desc="Import") as bar:

        def progress(weight: int, summary: Summary) -> None:
            bar.set_postfix(objects=summary.objects, refused=summary.refusals, refresh=False)
            bar.update(weight)

        yield progress


@contextmanager
def _stopped_by_signals() -> Iterator[Callable[[], bool]]:
    """SIGINT and SIGTERM ask the import to end after the file at hand; a second one ends it at once."""
    asked = Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
