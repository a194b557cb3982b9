"""`manage.py catalogues`: the translations brought up to date, checked, and made ready for the server."""

from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SHOWN: Final = 40


class Command(BaseCommand):
    help = "Keeps the catalogues in locale/ in step with the texts of the product."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what",
            choices=("update", "check", "compile"),
            help="update: take up what is new, drop what is gone; check: tell what is missing or wrong; "
            "compile: make the files that the server reads",
        )

    def handle(self, *, what: str, **options: Any) -> None:
        try:
            from apps.core import catalogues
        except ImportError as error:
            raise CommandError("Install requirements/locale.txt first.") from error
        root = settings.BASE_DIR
        if what == "check":
            from apps.core.marked import marked

            texts = list(marked(root))
            found = [wrong for language in catalogues.FOLDERS for wrong in catalogues.problems(language, texts, root)]
            if found:
                raise CommandError("\n".join([*found[:SHOWN], f"{len(found)} in all."]))
            self.stdout.write(f"{len(texts)} texts, translated into {', '.join(catalogues.FOLDERS)}.")
        elif what == "update":
            catalogues.update(root)
        else:
            for left_out in catalogues.compile_all(root):
                self.stderr.write(f"{left_out}: it stays English.")
