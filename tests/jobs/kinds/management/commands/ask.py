"""`manage.py ask KIND FILE …`: enqueue a job for each pair, and print its id."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from apps.jobs.queue import enqueue


class Command(BaseCommand):
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("asked", nargs="+")

    def handle(self, *_: Any, asked: list[str], **__: Any) -> None:
        with transaction.atomic():
            pairs = zip(asked[::2], asked[1::2], strict=True)
            jobs = [enqueue(kind, {"file": file}) for kind, file in pairs]
        self.stdout.write(" ".join(str(job.pk) for job in jobs))
