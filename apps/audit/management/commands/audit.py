"""`manage.py audit verify|anchor|export`: the record from the command line."""

import getpass
import sys
from argparse import ArgumentParser
from datetime import date
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.accounts.models import Practice
from apps.audit import access, anchors, export, verification
from apps.audit.models import Event
from apps.audit.record import Action, tell

SHOWN: Final = 100


class Command(BaseCommand):
    help = "Check the record, anchor the ends of its chains, or take a part of it out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True, metavar="verify|anchor|export")
        what.add_parser("verify", help="Walk every chain; exit with 1 and say where, if anything is not as written.")
        what.add_parser("anchor", help="Note where the chains end, in the file FOVEA_AUDIT_ANCHOR.")
        out = what.add_parser("export", help="Write events to standard output, or to a file.")
        out.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="As in 2026-01-31.")
        out.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="The last day.")
        out.add_argument("--format", choices=export.FORMATS, default="xml", help="xml: messages of PS3.15 A.5.")
        out.add_argument("--practice", metavar="NAME", help="That of one practice alone.")
        out.add_argument("--output", metavar="FILE", help="Where to; without it, standard output.")

    def handle(self, *_: str, **options: Any) -> None:
        if options["what"] != "export":
            getattr(self, options["what"])()
        elif options["output"]:
            with open(options["output"], "wb") as output:  # noqa: PTH123 - as the shell would
                self.export(output, options)
        else:
            self.export(sys.stdout.buffer, options)

    def verify(self) -> None:
        access.flush()
        total = verification.count()
        with tqdm(total=total, unit=" events", disable=not self.stderr.isatty()) as bar:
            findings = verification.verify(bar.update)
            shown = list(islice(findings, SHOWN))
            more = sum(1 for _ in findings)
        for finding in shown:
            self.stdout.write(str(finding))
        if shown:
            raise CommandError(f"The record is not as it was written: {len(shown) + more} findings.")
        self.stdout.write(self.style.SUCCESS(f"The record is whole: {total} events, every one as it was written."))

    def anchor(self) -> None:
        access.flush()
        try:
            count = anchors.write()
        except OSError as error:
            raise CommandError(f"The anchor can't be written: {error}.") from error
        self.stdout.write(f"{count} chains anchored.")

    def export(self, output: Any, options: dict[str, Any]) -> None:
        access.flush()
        practice = _practice(options["practice"])
        mine = Event.objects.filter(practice=practice) if practice else Event.objects.all()
        events = export.period(mine, options["first"], options["last"])
        # Before what it tells of: the export holds itself.
        days = f"{options['first'] or ''}..{options['last'] or ''}"
        practice_id = practice.pk if practice else None
        detail = f"{options['format']} {days}"
        tell(
            Action.LOG_USED, actor=_operator(), practice_id=practice_id, source="manage.py audit export", detail=detail
        )
        write, _ = export.FORMATS[options["format"]]
        for piece in write(events):
            output.write(piece)


def _practice(name: str | None) -> Practice | None:
    if not name:
        return None
    found = Practice.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no practice {name}.")
    return found


def _operator() -> str:
    """Who types the command, as the operating system knows them."""
    try:
        return f"{getpass.getuser()} at the console"
    except (KeyError, OSError):
        return "the console"
