"""`manage.py conformance`: bring the tables of the conformance statements up to date."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.dicomweb import conformance as dicomweb
from apps.dicomweb.conformance import written
from apps.dimse import conformance as dimse

STATEMENTS = ("docs/conformance.md", "docs/conformance-dimse.md")


class Command(BaseCommand):
    help = "Write the conformance statements' tables anew, as the code has them."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("documents", nargs="*", default=STATEMENTS, help="the statements, in Markdown")
        parser.add_argument("--check", action="store_true", help="write nothing, and fail where a table differs")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in options["documents"]:
            document = Path(name)
            before = document.read_text(encoding="utf-8")
            after = written(before, {**dicomweb.TABLES, **dimse.TABLES})
            if options["check"] and before != after:
                raise CommandError(f"{document} is not as the code is: run manage.py conformance.")
            document.write_text(after, encoding="utf-8")
