"""`manage.py verify`: whether the index and the files agree."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from apps.archive import integrity
from apps.archive.integrity import Finding

SHOWN = 50


class Command(BaseCommand):
    help = "Check that every indexed object has its bytes, unchanged, and that no file is without a row."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="compare sizes, and do not read the bytes")
        parser.add_argument(
            "--remove-unindexed",
            action="store_true",
            help="remove files that no row names; only while nothing is being stored",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        total = integrity.count()
        with tqdm(total=total, unit=" objects", disable=not self.stderr.isatty()) as bar:
            findings = list(integrity.check(contents=not options["quick"], seen=bar.update))
        for finding in findings[:SHOWN]:
            self.stdout.write(f"{finding.file_key}: {finding.problem}")
        if options["remove_unindexed"]:
            findings = [finding for finding in findings if not self._removed(finding)]
        if findings:
            raise CommandError(f"{total} objects checked: {len(findings)} not as they should be.")
        self.stdout.write(self.style.SUCCESS(f"{total} objects checked: the index and the files agree."))

    def _removed(self, finding: Finding) -> bool:
        if finding.problem != integrity.UNINDEXED:
            return False
        integrity.remove(finding)
        return True
