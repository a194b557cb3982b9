"""`manage.py remote …`: the devices and archives that this server talks to, from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError
from apps.remotes import administering, echoing, querying_commands
from apps.remotes.models import Protocol, Remote, Service, UnknownCaller

ALL: Final = ",".join(service.value for service in Service)
SOURCE: Final = "manage.py remote"
# What an option sets, by its name, where it is given.
FIELDS: Final = {
    "aet": "title", "host": "host", "port": "port", "networks": "networks", "url": "url", "tls": "uses_tls",
    "requires_user": "requires_user",
}  # fmt: skip


class Command(BaseCommand):
    help = "Devices and archives that this server talks to: who may call it, and whom it calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        self._add(actions.add_parser("add", help="Add one, or change one with --update."))
        actions.add_parser("list", help="Show all, and the callers that nobody knows.")
        for action, text in (
            ("echo", "Ask one whether it answers (C-ECHO); exits with 1 when it doesn't."),
            ("remove", "Remove one: it may call no more."),
            ("search", "Search one for studies, by at least one of the options."),
            ("import", "Import studies from one, as a job."),
            ("send", "Send studies to one, as a job."),
        ):
            one = actions.add_parser(action, help=text)
            one.add_argument("name", metavar="NAME")
            one.add_argument("--practice", metavar="NAME", help="Whose it is, where several have one of this name.")
            if action == "search":
                querying_commands.add_search(one)
            elif action in ("import", "send"):
                querying_commands.add_studies(one)
        allowed = actions.add_parser("allow", help="Let an unknown caller in, by the AE title that it calls by.")
        allowed.add_argument("calling", metavar="AETITLE")
        allowed.add_argument("--name", help="What people call it; without it, its AE title.")
        allowed.add_argument("--may", default="echo,store", help="What it may do, of %(default)s and others; see add.")

    def _add(self, parser: ArgumentParser) -> None:
        option = parser.add_argument
        option("--name", required=True, help="What people call it, such as 'Panoramic X-ray'.")
        option("--aet", metavar="AETITLE", help="Its AE title, as it is set at the device.")
        option("--host", help="Its address or host name, where this server calls it.")
        option("--port", type=int, help="The port where it listens.")
        option("--practice", metavar="NAME", help="Whose it is; without it, the first practice's.")
        option("--may", metavar="SERVICES", help=f"What it may do here, separated by commas; without it, all: {ALL}.")
        option("--networks", help="Where it may call from, such as '192.168.4.0/24 10.0.0.7'; without it, its host.")
        option("--tls", action="store_true", default=None, help="This server calls it by TLS.")
        option("--certificate", type=Path, metavar="FILE", help="Its certificate (PEM), which it must present by TLS.")
        option("--requires-user", action="store_true", default=None, help="It must say which user is at it.")
        option("--url", help="For an archive that is reached by DICOMweb: the address of its service.")
        option("--update", action="store_true", help="Change the one of this name, if there is one.")

    def handle(self, *_: str, **options: Any) -> None:
        try:
            getattr(self, f"_do_{options['action']}")(options)
        except FoveaError as error:
            raise CommandError(error.detail) from error

    def _do_add(self, options: dict[str, Any]) -> None:
        practice = practice_named(options["practice"])
        remote = Remote.objects.filter(practice=practice, name=options["name"]).first()
        if remote is not None and not options["update"]:
            known = f"There is a remote {remote.name} already: {administering.described(remote)}."
            raise CommandError(f"{known} With --update it is changed.")
        is_new = remote is None
        remote = remote or Remote(practice=practice, name=options["name"])
        for option, field in FIELDS.items():
            if options[option] is not None:
                setattr(remote, field, options[option])
        if options["url"]:
            remote.protocol = Protocol.DICOMWEB
        if options["certificate"]:
            remote.certificate = text_of(options["certificate"])
        if is_new or options["may"] is not None:
            administering.permit(remote, services(options["may"] or ALL))
        administering.save_remote(operator(practice.pk), remote, source=SOURCE)
        self.stdout.write(f"{remote.name}, of {practice.name}: {administering.described(remote)}.")

    def _do_list(self, _: dict[str, Any]) -> None:
        for remote in Remote.objects.select_related("practice").order_by("practice", "name"):
            seen = f"last seen {localtime(remote.seen_at):%Y-%m-%d %H:%M}" if remote.seen_at else "never seen"
            state = seen if remote.is_active else "switched off"
            self.stdout.write(f"{remote.name}, of {remote.practice}: {administering.described(remote)}; {state}.")
        for caller in UnknownCaller.objects.all():
            asked = f"called {caller.called} {caller.calls} times, last {localtime(caller.last_at):%Y-%m-%d %H:%M}"
            self.stdout.write(f"Unknown: {caller} {asked}. {caller.reason}")

    def _do_echo(self, options: dict[str, Any]) -> None:
        answer = echoing.echo(one_named(options))
        if not answer.ok:
            raise CommandError(answer.message)
        self.stdout.write(answer.message)

    def _do_remove(self, options: dict[str, Any]) -> None:
        remote = one_named(options)
        administering.remove_remote(operator(remote.practice_id), remote, source=SOURCE)
        self.stdout.write(f"{remote.name} is removed.")

    def _do_search(self, options: dict[str, Any]) -> None:
        remote = one_named(options)
        for line in querying_commands.search(operator(remote.practice_id), remote, options):
            self.stdout.write(line)

    def _do_import(self, options: dict[str, Any]) -> None:
        remote = one_named(options)
        self.stdout.write(querying_commands.fetch(operator(remote.practice_id), remote, options))

    def _do_send(self, options: dict[str, Any]) -> None:
        remote = one_named(options)
        self.stdout.write(querying_commands.send(operator(remote.practice_id), remote, options))

    def _do_allow(self, options: dict[str, Any]) -> None:
        caller = UnknownCaller.objects.exclude(practice=None).filter(calling=options["calling"]).first()
        if caller is None:
            raise CommandError(f"Nobody called by the AE title {options['calling']} and was refused.")
        who = operator(caller.practice_id or 0)
        name, may = options["name"] or "", services(options["may"])
        remote = administering.allow(who, caller, source=SOURCE, name=name, services=may)
        self.stdout.write(f"{remote.name}, of {remote.practice}: {administering.described(remote)}.")


def operator(practice_id: int) -> Principal:
    """Whoever may start this program decides on the site."""
    return Principal.worker(practice_id, SOURCE)


def one_named(options: dict[str, Any]) -> Remote:
    """The remote of this name. Raises CommandError for none, or for several."""
    found = Remote.objects.filter(name=options["name"]).select_related("practice")
    if options["practice"]:
        found = found.filter(practice__name=options["practice"])
    remotes = list(found)
    if not remotes:
        raise CommandError(f"There is no remote {options['name']}. `manage.py remote list` shows those there are.")
    if len(remotes) > 1:
        names = ", ".join(remote.practice.name for remote in remotes)
        raise CommandError(f"Several practices have a remote {options['name']}: {names}. Say whose with --practice.")
    return remotes[0]


def practice_named(name: str | None) -> Practice:
    """The practice of this name, or the site's first. Raises CommandError."""
    practices = Practice.objects.order_by("pk")
    found = practices.filter(name=name).first() if name else practices.first()
    if found is None:
        there = ", ".join(practice.name for practice in practices) or "none yet; start the site first"
        raise CommandError(f"There is no practice {name or ''}. There are: {there}.")
    return found


def services(text: str) -> frozenset[Service]:
    """The services of these names. Raises CommandError."""
    names = text.replace(",", " ").split()
    wrong = [name for name in names if name not in Service.values]
    if wrong:
        raise CommandError(f"There is no service {wrong[0]}. There are: {ALL}.")
    return frozenset(Service(name) for name in names)


def text_of(path: Path) -> str:
    """What a file holds. Raises CommandError."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} can't be read: {error}") from error
