"""`manage.py video convert FILE…`: films into the archive, or into DICOM files; `watch` does so for a folder's."""

import json
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError, Invalid
from apps.jobs.models import State
from apps.video import receiving, watching, wishes
from apps.video.local import arguments, following
from apps.video.local.exporting import Show, export
from apps.video.local.identity import details_of, digest_of, identified, sidecar_beside, written
from apps.video.models import Video
from apps.video.objects import sidecar
from apps.video.objects.presets import PRESETS
from apps.video.receiving import Sender
from apps.video.wishes import Wishes
from apps.video.working import WHOLE

NAME: Final = "manage.py video"
INTERRUPTED: Final = 130
FAILED: Final = 1
SUFFIX: Final = ".dcm"


class Command(BaseCommand):
    help = "Convert films to DICOM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        convert = kinds.add_parser("convert", help="Convert films: into the archive, or with --output into files.")
        convert.add_argument("files", nargs="+", type=arguments.existing_file, metavar="FILE")
        convert.add_argument("--output", type=Path, help="A DICOM file, or the folder for several.")
        convert.add_argument("--practice", metavar="NAME", help="Whose they are; without it, the first practice.")
        convert.add_argument(
            "--sidecar", type=arguments.existing_file, metavar="FILE",
            help="What to say of the films, as JSON; without it what lies beside each: film.json for film.mp4.",
        )  # fmt: skip
        arguments.add_to(convert)
        watch = kinds.add_parser("watch", help="Take the films of a folder in, until SIGTERM or SIGINT.")
        watch.add_argument("folder", nargs="?", type=Path, help="Without it, that of FOVEA_VIDEO_WATCH.")
        kinds.add_parser("schema", help="Print the JSON Schema of a sidecar.")

    def handle(self, *_: Any, **options: Any) -> None:
        match options["kind"]:
            case "convert":
                self._convert(options)
            case "watch":
                _watch(options["folder"])
            case _:
                self.stdout.write(json.dumps(sidecar.schema(), indent=2))

    def _convert(self, options: Mapping[str, Any]) -> None:
        files: list[Path] = options["files"]
        targets = _targets(files, options["output"])
        practice = practice_named(options["practice"])
        failed = 0
        try:
            with _interrupted_by_sigterm():
                wanted = [*_wanted(practice, files, options)]
                for file, target, wish in zip(files, targets, wanted, strict=True):
                    failed += not self._one(practice, file, target, wish)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted: nothing is left of the film at hand.")
            raise SystemExit(INTERRUPTED) from None
        if failed:
            raise SystemExit(FAILED)

    def _one(self, practice: Practice, file: Path, target: Path | None, wish: Wishes) -> bool:
        """Convert a film and say what became of it; whether it did."""
        try:
            with _bar(file) as show:
                done = _exported(file, target, wish, show) if target else _stored(practice, file, wish, show)
        except FoveaError as error:
            self.stderr.write(f"{file}: {_told(error)}")
            return False
        except OSError as error:
            self.stderr.write(f"{file}: {error.strerror or error}")
            return False
        self.stdout.write(f"{file}: {done}")
        return True


def practice_named(name: str | None) -> Practice:
    """The practice of this name, or the site's first. Raises CommandError when there is none."""
    practices = Practice.objects.order_by("pk")
    found = practices.filter(name=name).first() if name else practices.first()
    if found is None:
        names = ", ".join(practice.name for practice in practices) or "none: create one in the admin"
        raise CommandError(f"There is no practice {name or 'yet'}. There are: {names}.")
    return found


def _targets(files: list[Path], output: Path | None) -> list[Path | None]:
    """Where each film's object goes; None for the archive. Raises CommandError before anything is done."""
    if output is None:
        return [None] * len(files)
    if len(files) == 1 and not output.is_dir():
        targets = [output]
    else:
        output.mkdir(parents=True, exist_ok=True)
        targets = [output / file.with_suffix(SUFFIX).name for file in files]
    if len({target.resolve() for target in targets}) < len(targets):
        raise CommandError("Two of these films would become the same DICOM file: convert them one by one.")
    if {target.resolve() for target in targets} & {file.resolve() for file in files}:
        raise CommandError("A DICOM file can't take the place of its film: name another by --output.")
    if missing := [target.parent for target in targets if not target.parent.is_dir()]:
        raise CommandError(f"There is no folder {missing[0]}.")
    return list(targets)


def _wanted(practice: Practice, files: list[Path], options: Mapping[str, Any]) -> Iterator[Wishes]:
    """What is wanted of each film. Raises CommandError for what can't be, before anything is converted."""
    said = arguments.said(options)
    first: dict[Any, str] = {}
    for file in files:
        beside = options["sidecar"] or sidecar_beside(file)
        try:
            wish = wishes.read(practice.pk, said, details_of(beside), study="")
            digest = digest_of(file)
        except FoveaError as error:
            raise CommandError(f"{file}: {_told(error)}") from error
        together = first.setdefault(wish.metadata.patient, digest) if wish.metadata.patient.id else digest
        yield identified(wish, practice.pk, digest, together)


def _exported(file: Path, target: Path, wish: Wishes, show: Show) -> str:
    report = export(file, target, wish, show)
    return f"{target}, {report['frames']} frames, {report['path']}"


def _stored(practice: Practice, file: Path, wish: Wishes, show: Show) -> str:
    """Into the archive, by a job. Raises FoveaError with the reason where it is refused."""
    principal = Principal.worker(practice.pk, NAME)
    sender = Sender(principal, practice.pk, NAME, receiving.batch_key(principal, practice.pk, written(str(file))))
    video = receiving.receive(file, wish, sender, written(file.name))
    try:
        video = following.follow(video, show)
    except KeyboardInterrupt:
        following.abandon(video, principal)
        raise
    if video.state != State.DONE:
        raise _failure(video)
    return f"stored, {(video.report or {}).get('frames')} frames, {video.path}"


def _failure(video: Video) -> FoveaError:
    return FoveaError(video.error or "It was cancelled.")


def _told(error: FoveaError) -> str:
    """The reason, and which fields are wrong."""
    if isinstance(error, Invalid):
        return " ".join(f"{name}: {text}" for name, text in error.errors)
    return error.detail


@contextmanager
def _bar(file: Path) -> Iterator[Show]:
    """A progress bar on the terminal, if that is one."""
    with tqdm(total=WHOLE, desc=file.name, bar_format="{desc} {percentage:3.0f}%|{bar}| {elapsed} {postfix}",
              disable=not sys.stderr.isatty(), leave=False) as bar:  # fmt: skip

        def show(done: int, words: str) -> None:
            bar.n = max(bar.n, done)
            bar.set_postfix_str(words)

        yield show


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _watch(folder: Path | None) -> None:
    folder = folder or settings.VIDEO_WATCH
    if folder is None:
        raise CommandError("Say which folder: FOVEA_VIDEO_WATCH, or manage.py video watch FOLDER.")
    if settings.VIDEO_WATCH_PRESET not in ("", *PRESETS):
        raise CommandError(f"FOVEA_VIDEO_WATCH_PRESET may be {', '.join(PRESETS)}.")
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        with watching.only_watcher(folder):
            watcher = watching.Watcher(folder, practice_named(settings.VIDEO_WATCH_PRACTICE).pk)
            watcher.run(stopping)
    except watching.CannotWatch as error:
        raise CommandError(str(error)) from error
