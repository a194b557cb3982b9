"""`manage.py matching …`: whose studies are, looked at anew, and what people's decisions teach."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from tqdm import tqdm

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.practice.linking import changes, teaching
from apps.practice.models import Match, MatchState
from apps.remotes.management.commands.remote import practice_named

SOURCE: Final = "manage.py matching"


class Command(BaseCommand):
    help = "Whose studies are, among the practice's leads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        run = actions.add_parser("run", help="Look at every study that no person has decided about.")
        run.add_argument("--linked", action="store_true", help="Also at those that the server itself has linked.")
        actions.add_parser("learn", help="Make new weights of what people have decided; 'run' looks with them.")
        actions.add_parser("status", help="How many studies are linked, wait, or are nobody's.")
        for each in actions.choices.values():
            each.add_argument("--practice", metavar="NAME", help="Whose; without it, the first practice's.")

    def handle(self, *_: str, **options: Any) -> None:
        practice = practice_named(options["practice"])
        try:
            getattr(self, f"_do_{options['action']}")(practice, options)
        except FoveaError as error:
            raise CommandError(error.detail) from error

    def _do_run(self, practice: Practice, options: dict[str, Any]) -> None:
        with tqdm(unit=" studies", disable=None) as bar:

            def say(done: int, _: int | None) -> None:
                bar.update(done - bar.n)

            looked = changes.again(practice.pk, say, linked=options["linked"])
        self.stdout.write(f"{looked} studies looked at.")
        self._do_status(practice, options)

    def _do_learn(self, practice: Practice, options: dict[str, Any]) -> None:
        made = teaching.learn(Principal.worker(practice.pk, "operator"), practice.pk, source=SOURCE)
        self.stdout.write(f"Weights {made.version}, from {made.links} links and {made.rejections} rejections.")
        self.stdout.write("They hold for what is decided from now on; 'matching run' looks at the rest with them.")

    def _do_status(self, practice: Practice, options: dict[str, Any]) -> None:
        rows = Match.objects.filter(practice=practice).order_by().values_list("state")
        counts = dict(rows.annotate(Count("pk")))
        for state in MatchState:
            self.stdout.write(f"{counts.get(state.value, 0):9} {state.label.lower()}")
