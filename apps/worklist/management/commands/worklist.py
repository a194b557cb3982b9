"""`manage.py worklist …`: the steps that are planned, from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.dicom.spoken import spoken_name
from apps.remotes.management.commands.remote import practice_named
from apps.worklist import importing, scheduling
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.scheduling import Planned
from apps.worklist.tables import read_date, read_time
from apps.worklist.wording import pn_of

SOURCE: Final = "manage.py worklist"
MOST_LISTED: Final = 500


class Command(BaseCommand):
    help = "What the devices are told when they ask who comes next."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        self._add(actions.add_parser("add", help="Plan a step."))
        listed = actions.add_parser("list", help="Show the steps of a day.")
        listed.add_argument("--date", type=read_date, help="Such as 2024-01-31; without it, today.")
        listed.add_argument("--all", action="store_true", help="The cancelled and the expired ones too.")
        cancelled = actions.add_parser("cancel", help="Cancel a step.")
        cancelled.add_argument("step", metavar="STEP-ID")
        cancelled.add_argument("--reason", default="", help="Why.")
        brought = actions.add_parser("import", help="Bring in CSV tables and DICOM worklist files.")
        brought.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="A file, or a folder of files.")
        for each in actions.choices.values():
            each.add_argument("--practice", metavar="NAME", help="Whose; without it, the first practice's.")

    def _add(self, parser: ArgumentParser) -> None:
        option = parser.add_argument
        option("--patient-id", required=True)
        option("--name", required=True, help="Such as 'Doe, Jane' or Doe^Jane.")
        option("--modality", required=True, help="Such as PX, IO or CT.")
        option("--date", type=read_date, help="Such as 2024-01-31; without it, today.")
        option("--time", type=read_time, help="Such as 09:30; without it, any time of the day.")
        option("--station", default="", metavar="AETITLE", help="The device; without it, any.")
        option("--birth-date", type=read_date, help="Such as 1980-01-31.")
        option("--description", default="", help="What is done.")
        option("--accession", default="", help="The accession number; without it, one is made.")

    def handle(self, *_: str, **options: Any) -> None:
        try:
            getattr(self, f"_do_{options['action']}")(options)
        except FoveaError as error:
            raise CommandError(error.detail) from error

    def _do_add(self, options: dict[str, Any]) -> None:
        practice = practice_named(options["practice"])
        planned = Planned(
            patient_id=options["patient_id"],
            patient_name=options["name"] if "^" in options["name"] else pn_of(options["name"]),
            patient_birth_date=f"{options['birth_date']:%Y%m%d}" if options["birth_date"] else "",
            modality=options["modality"].upper(),
            start_date=options["date"] or timezone.localdate(),
            start_time=options["time"],
            station_titles=options["station"],
            description=options["description"],
            accession_number=options["accession"],
        )
        step = scheduling.schedule(practice.pk, planned, _operator(practice.pk), source=SOURCE)
        self.stdout.write(f"Step {step.step_id} is planned, with the accession number {step.accession_number}.")

    def _do_list(self, options: dict[str, Any]) -> None:
        day = options["date"] or timezone.localdate()
        steps = ScheduledStep.objects.filter(practice=practice_named(options["practice"]), start_date=day)
        if not options["all"]:
            steps = steps.exclude(state__in=[StepState.CANCELLED, StepState.EXPIRED])
        shown = list(steps.order_by("start_time", "pk")[: MOST_LISTED + 1])
        for step in shown[:MOST_LISTED]:
            self.stdout.write(_line(step))
        if len(shown) > MOST_LISTED:
            self.stdout.write(f"There are more than these {MOST_LISTED}.")
        if not shown:
            self.stdout.write(f"Nothing is planned for {day}.")

    def _do_cancel(self, options: dict[str, Any]) -> None:
        practice = practice_named(options["practice"])
        step = ScheduledStep.objects.filter(practice=practice, step_id=options["step"]).first()
        if step is None:
            raise CommandError(f"{practice.name} has no step {options['step']}.")
        scheduling.cancel(step, _operator(practice.pk), reason=options["reason"], source=SOURCE)
        self.stdout.write(f"Step {step.step_id} is cancelled.")

    def _do_import(self, options: dict[str, Any]) -> None:
        practice = practice_named(options["practice"])
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"There is no {', '.join(missing)}.")
        sources = importing.files(options["paths"])
        report = importing.bring(practice.pk, sources, _operator(practice.pk), source=SOURCE)
        for where, error in report.errors:
            self.stderr.write(f"{where}: {error}")
        self.stdout.write(f"{report.words}.")
        if report.failed:
            raise CommandError("Some steps were not taken.")


def _line(step: ScheduledStep) -> str:
    at = f"{step.start_time:%H:%M}" if step.start_time else "  —  "
    where = step.station_titles.replace("\\", ",") or "any device"
    who = f"{step.patient_id} {spoken_name(step.patient_name)}"
    return f"{at}  {step.step_id:16}  {step.get_state_display():12}  {step.modality:4} {where:16}  {who}"


def _operator(practice_id: int) -> Principal:
    """Whoever runs the commands of this machine."""
    return Principal.worker(practice_id, "operator")
