"""`manage.py calcium_tables …`: the reference tables that percentiles of calcium are read from."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from apps.calcium import tables
from apps.calcium.models import ReferenceTable
from apps.calcium.scoring.percentiles import MOST_BYTES
from apps.core.errors import FoveaError, Invalid

SOURCE: Final = "manage.py calcium_tables"


class Command(BaseCommand):
    help = "The reference tables that percentiles of coronary calcium are read from. None comes with the software."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        taken = actions.add_parser("import", help="Take over a table; one of the same name is replaced.")
        taken.add_argument("file", type=Path, metavar="FILE.csv", help="sex,ethnicity,age_from,age_to,p25,p50,…")
        taken.add_argument("--name", help="What it is called in results; without it, as the file.")
        taken.add_argument("--citation", required=True, help="Where it was published.")
        taken.add_argument("--sha256", required=True, help="The checksum that the file must have.")
        actions.add_parser("list", help="Which tables there are.")
        removed = actions.add_parser("remove", help="Forget a table.")
        removed.add_argument("name")

    def handle(self, *_: str, **options: Any) -> None:
        try:
            getattr(self, f"_do_{options['action']}")(options)
        except Invalid as error:
            raise CommandError(" ".join(text for _, text in error.errors)) from error
        except (FoveaError, OSError) as error:
            raise CommandError(str(error)) from error

    def _do_import(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        given = tables.Given(options["name"] or path.stem, options["citation"], options["sha256"], data)
        table = tables.keep(None, given, source=SOURCE)
        self.stdout.write(f"{table.name}: {len(table.groups)} groups.")

    def _do_list(self, _: dict[str, Any]) -> None:
        for table in ReferenceTable.objects.all():
            self.stdout.write(f"{table.name}: {len(table.groups)} groups, {table.citation}, SHA-256 {table.sha256}")

    def _do_remove(self, options: dict[str, Any]) -> None:
        tables.remove(None, options["name"], source=SOURCE)
        self.stdout.write(f"{options['name']}: removed.")
