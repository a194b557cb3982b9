"""`manage.py serve`: run the server, all of it or some parts."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections

from apps.archive.models import Study
from apps.archive.storage import sweep
from apps.audit.record import Action, tell
from apps.ops import parts, serving
from apps.ops.first_start import FirstUser, initialise
from apps.ops.serving import CannotServe
from apps.ops.supervisor import Supervisor


class Command(BaseCommand):
    help = "Run the server until SIGTERM or SIGINT; its parts (web, worker, DICOM network and more) are kept running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(parts.NAMES)
        parser.add_argument("--only", choices=parts.NAMES, action="append", help=f"Run this part alone ({names}).")
        parser.add_argument("--initialise", action="store_true", help="First bring the site up to date.")

    def handle(self, *_: Any, **options: Any) -> None:
        names = options["only"] or parts.wanted()
        try:
            with serving.only_server(settings.DATA):
                self._serve(names, first=options["initialise"])
        except CannotServe as error:
            raise CommandError(str(error)) from error

    def _serve(self, names: tuple[str, ...], *, first: bool) -> None:
        serving.check_addresses(names)
        made = self._prepare() if first else None
        sweep()
        self._tell(Action.START, names)
        supervisor = Supervisor(
            [parts.part(name) for name in names], settings.BASE_DIR, serving.environment(settings.DATA, names)
        )
        if "web" in names:
            supervisor.is_ready = serving.answers
            supervisor.on_ready = lambda: self.stdout.write(serving.welcome(made, names))
        supervisor.run()
        self._tell(Action.STOP, names)

    def _tell(self, action: Action, names: Sequence[str]) -> None:
        """Put it on record; the supervisor needs the database for nothing else."""
        try:
            tell(action, actor="manage.py serve", detail=", ".join(names))
        except Error as error:
            self.stderr.write(f"This could not be put on record: {type(error).__name__}.")
        connections.close_all()

    def _prepare(self) -> FirstUser | None:
        made = initialise(settings.ADMIN_USER, settings.ADMIN_PASSWORD)
        if settings.DEMO and not Study.objects.exists():
            call_command("demo", stdout=self.stdout)
        return made
