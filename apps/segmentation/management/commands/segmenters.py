"""`manage.py segmenters …`: what volumes can be segmented with here, and whether bundles and commands can be used."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.segmentation import choosing
from apps.segmentation.bundles import listing
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.choosing import BUNDLE, Described, Origin


class Command(BaseCommand):
    help = "What volumes can be segmented with here: classical segmenters, MONAI bundles, external commands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("list", help="Show all of them, with what is wrong with those that can't be used.")
        actions.add_parser("check", help="Also read all weights, and compare them with their sums.")

    def handle(self, *_: str, **options: Any) -> None:
        found = choosing.every()
        problems: dict[str, list[str]] = {each.name: [*each.problems] for each in found}
        if options["action"] == "check":
            for each in found:
                problems[each.name] += _of_weights(each)
        for each in found:
            self._show(each, problems[each.name])
        if options["action"] == "check" and any(problems.values()):
            raise CommandError("Some can't be used.")

    def _show(self, described: Described, problems: list[str]) -> None:
        of = ", ".join(described.modalities) or "any modality"
        version = f" {described.version}" if described.version else ""
        self.stdout.write(f"{described.name}: {described.title}{version} ({described.origin}, {of})")
        if described.segments:
            self.stdout.write(f"  {', '.join(segment.label for segment in described.segments)}")
        for problem in problems:
            self.stdout.write(self.style.ERROR(f"  {problem}"))


def _of_weights(described: Described) -> list[str]:
    """What is wrong with a bundle's weights."""
    bundle = listing.find(described.name.removeprefix(BUNDLE)) if described.origin is Origin.BUNDLE else None
    try:
        if bundle and bundle.sums:
            listing.check_weights(bundle)
    except Faulty as error:
        return [str(error.text)]
    return []
