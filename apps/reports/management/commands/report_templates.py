"""`manage.py report_templates …`: which templates there are; one tried out, taken in; all of them written to files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError, Invalid
from apps.reports import templates_finding, templates_taking
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.mrrt import limits
from apps.reports.templates_previewing import Told, previewed

SOURCE: Final = "manage.py report_templates"


class Command(BaseCommand):
    help = "The templates that reports are written with (docs/report-templates.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("list", help="Which templates there are.")
        checked = actions.add_parser("check", help="Say what is wrong with a file, and what is left out of it.")
        checked.add_argument("file", type=Path, metavar="FILE.html")
        taken = actions.add_parser("take-in", help="Take a file in for a practice.")
        taken.add_argument("file", type=Path, metavar="FILE.html")
        taken.add_argument("--practice", required=True, help="Its name.")
        exported = actions.add_parser("export", help="Write the newest version of each to a folder.")
        exported.add_argument("--to", type=Path, required=True, metavar="FOLDER")

    def handle(self, *_: str, **options: Any) -> None:
        try:
            getattr(self, f"_do_{options['action'].replace('-', '_')}")(options)
        except Invalid as error:
            raise CommandError(" ".join(text for _, text in error.errors) or str(error)) from error
        except (FoveaError, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error

    def _do_list(self, _: dict[str, Any]) -> None:
        for row in ReportTemplate.objects.select_related("practice"):
            whose = row.practice.name if row.practice else "-"
            state = " (retired)" if row.is_retired else ""
            self.stdout.write(f"{row.pk} {row.identifier} {row.language} {whose}: {row.title}{state}")

    def _do_check(self, options: dict[str, Any]) -> None:
        found = previewed(_read(options["file"]))
        for told in found.left_out:
            self.stdout.write(f"Left out: {_line(told)}")
        if found.structure is None:
            raise CommandError("\n".join(map(_line, found.problems)))
        self.stdout.write(f"{found.structure.title}: {sum(1 for _ in found.structure.fields())} fields.")

    def _do_take_in(self, options: dict[str, Any]) -> None:
        practice = Practice.objects.filter(name=options["practice"]).first()
        if practice is None:
            raise CommandError("There is no such practice.")
        who = Principal.worker(practice.pk, SOURCE)
        version = templates_taking.take_in(who, practice, _read(options["file"]), via=SOURCE)
        self.stdout.write(f"{version.template.identifier}: version {version.number}.")

    def _do_export(self, options: dict[str, Any]) -> None:
        folder: Path = options["to"]
        folder.mkdir(parents=True, exist_ok=True)
        for row in ReportTemplate.objects.all():
            newest = TemplateVersion.objects.get(pk=templates_finding.newest(row).pk)
            # By number: identifiers may hold what no file's name may.
            (folder / f"{row.pk}.html").write_bytes(newest.source.encode())
            self.stdout.write(f"{row.pk}.html: {row.identifier}")


def _read(path: Path) -> str:
    """A file's text as it is; one byte more than a template may have tells that it is too large."""
    with path.open("rb") as file:
        return file.read(limits.SOURCE_BYTES + 1).decode("utf-8")


def _line(told: Told) -> str:
    return told.text if told.line is None else f"line {told.line}: {told.text}"
