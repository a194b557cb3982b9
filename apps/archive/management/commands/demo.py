"""`manage.py demo`: load studies to try the archive with."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.archive.outcomes import DuplicatePolicy, Origin, Status
from apps.archive.phantom import DemoStudy, demo_studies
from apps.archive.store import Batch

FIRST_PRACTICE = "My practice"


class Command(BaseCommand):
    help = "Load the demo studies: a CT head, a cephalogram and a dental CT made in code, and some small real ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", default="", help="Name of the practice (default: the first one).")
        parser.add_argument("--slices", type=int, default=160, help="Slices of the CTs (default: 160).")
        parser.add_argument("--size", type=int, default=320, help="Rows and columns of the head's CT (default: 320).")
        parser.add_argument("--force", action="store_true", help="Load again what is already there, overwriting.")

    def handle(self, *args: Any, **options: Any) -> None:
        practice = _practice(options["practice"])
        studies = demo_studies(_within(options["slices"], 1, 5000), _within(options["size"], 16, 1024))
        missing = [study for study in studies if options["force"] or not _is_stored(study, practice)]
        if not missing:
            self.stdout.write("The demo studies are already there.")
            return
        counts = _load(missing, practice, quiet=options["verbosity"] == 0)
        said = ", ".join(f"{count} {status.value}" for status, count in counts.items())
        if counts[Status.REFUSED] or counts[Status.QUARANTINED]:
            raise CommandError(f"Not all of the demo could be stored: {said}.")
        self.stdout.write(f"Loaded {len(missing)} demo studies into {practice}: {said}.")


def _practice(name: str) -> Practice:
    if not name:
        return Practice.objects.order_by("pk").first() or Practice.objects.create(name=FIRST_PRACTICE)
    practice = Practice.objects.filter(name=name).first()
    if practice is None:
        raise CommandError(f"There is no practice named {name!r}. Make it in the admin first.")
    return practice


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise CommandError(f"{value} is out of range: give {least} to {most}.")
    return value


def _is_stored(study: DemoStudy, practice: Practice) -> bool:
    stored = Study.objects.filter(practice=practice, study_instance_uid=study.study_instance_uid)
    return stored.filter(instance_count__gte=study.count).exists()


def _load(studies: list[DemoStudy], practice: Practice, *, quiet: bool) -> Counter[Status]:
    """Store the studies through the archive's one door; how many instances met which fate."""
    total = sum(study.count for study in studies)
    origin = Origin(way="demo", practice_id=practice.pk, actor="demo")
    # Anything else under these UIDs is an older version of the demo itself.
    with (
        Batch(origin, DuplicatePolicy.OVERWRITE) as batch,
        tqdm(total=total, desc="Demo studies", unit="image", disable=quiet or None) as bar,
    ):
        for study in studies:
            for data in study.objects():
                batch.receive([data])
                bar.update()
        return Counter(outcome.status for outcome in batch.commit())
