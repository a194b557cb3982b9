"""`manage.py conformance`: bring the tables of the conformance statement up to date."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.dicomweb.conformance import written


class Command(BaseCommand):
    help = "Write the conformance statement's tables anew, as the code has them."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", nargs="?", default="docs/conformance.md", help="the statement, in Markdown")
        parser.add_argument("--check", action="store_true", help="write nothing, and fail where a table differs")

    def handle(self, *args: Any, **options: Any) -> None:
        document = Path(options["document"])
        before = document.read_text(encoding="utf-8")
        after = written(before)
        if options["check"] and before != after:
            raise CommandError(f"{document} is not as the code is: run manage.py conformance.")
        document.write_text(after, encoding="utf-8")
