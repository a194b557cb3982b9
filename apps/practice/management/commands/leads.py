"""`manage.py leads …`: the practice's leads, from the command line."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.practice.leads import finding
from apps.practice.leads.bulk import Change, Progress
from apps.practice.leads.importing.bringing import MAX_BYTES, Report, Table, bring
from apps.practice.leads.importing.columns import TARGETS
from apps.practice.leads.importing.requests import plan_of
from apps.practice.models import Lead
from apps.remotes.management.commands.remote import practice_named

SOURCE: Final = "manage.py leads"
MOST_LISTED: Final = 500
MOST_TOLD: Final = 100


class Command(BaseCommand):
    help = "The people whom the practice knows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        brought = actions.add_parser("import", help="Bring in a table (CSV).")
        brought.add_argument("file", type=Path, metavar="FILE")
        brought.add_argument("--dry-run", action="store_true", help="Say what would become of each row, save nothing.")
        brought.add_argument("--columns", default="", help=f"What each column says, with commas: {', '.join(TARGETS)}.")
        brought.add_argument("--date-order", choices=("dmy", "mdy"), default="", help="Without it, guessed.")
        listed = actions.add_parser("list", help="Find leads.")
        listed.add_argument("search", nargs="?", default="", help="A name, birth date, ID, telephone number or e-mail.")
        listed.add_argument("--deleted", action="store_true", help="The deleted ones instead.")
        for each in actions.choices.values():
            each.add_argument("--practice", metavar="NAME", help="Whose; without it, the first practice's.")

    def handle(self, *_: str, **options: Any) -> None:
        try:
            getattr(self, f"_do_{options['action']}")(options)
        except FoveaError as error:
            raise CommandError(error.detail) from error

    def _do_import(self, options: dict[str, Any]) -> None:
        practice = practice_named(options["practice"])
        table = Table.read(_data(options["file"]))
        plan = plan_of(options["columns"], options["date_order"], table)
        for header, target in zip(table.headers, plan.targets, strict=False):
            self.stdout.write(f"  {header[:40]:40}  {TARGETS.get(target, '—')}")
        is_preview = options["dry_run"]
        with _bar(len(table.rows)) as progress:
            report = bring(
                Principal.worker(practice.pk, "operator"), practice.pk, table, plan,
                source=SOURCE, is_preview=is_preview, progress=progress,
            )  # fmt: skip
        self._tell(report)
        self.stdout.write(f"{report.words or 'nothing'}{' (nothing was saved)' if is_preview else ''}.")
        if report.counts[Change.WRONG.value] and not is_preview:
            raise CommandError("Some rows were not taken.")

    def _tell(self, report: Report) -> None:
        wrong = [line for line in report.lines if line.taken.change is Change.WRONG]
        for line in wrong[:MOST_TOLD]:
            field, detail = line.taken.errors[0]
            self.stderr.write(f"line {line.number}, {field}: {detail}")
        if len(wrong) > MOST_TOLD:
            self.stderr.write(f"and {len(wrong) - MOST_TOLD} more.")

    def _do_list(self, options: dict[str, Any]) -> None:
        practice = practice_named(options["practice"])
        leads = Lead.objects.filter(practice=practice, deleted_at__isnull=not options["deleted"])
        found = finding.search(leads, options["search"]) if options["search"] else leads
        shown = list(found[: MOST_LISTED + 1])
        for lead in shown[:MOST_LISTED]:
            born = lead.birth_date.isoformat() if lead.birth_date else ""
            self.stdout.write(f"{lead.pk:8}  {lead.external_id:16}  {born:10}  {lead.get_status_display():8}  {lead}")
        if len(shown) > MOST_LISTED:
            self.stdout.write(f"There are more than these {MOST_LISTED}.")
        if not shown:
            self.stdout.write("Nobody was found.")


def _data(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error


@contextmanager
def _bar(total: int) -> Iterator[Progress]:
    """A progress bar on standard error, where that is a terminal."""
    with tqdm(total=total, unit=" rows", desc="Import", disable=None) as bar:

        def progress(done: int, _total: int) -> None:
            bar.update(done - bar.n)

        yield progress
