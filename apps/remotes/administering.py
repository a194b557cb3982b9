"""Adding, changing and removing remotes and AE titles, and deciding on unknown callers: each of it on record."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.core.sealed import seal
from apps.remotes.models import ApplicationEntity, Protocol, Remote, Service, UnknownCaller
from apps.saying import say

MOST_REMOTES: Final = 500
MOST_TITLES: Final = 50
# A device that brings images, and wants to know whether it can.
OF_A_DEVICE: Final = frozenset({Service.ECHO, Service.STORE})


class Occupied(Invalid):
    """Another row has what this one was to have for itself."""


def save_remote(who: Principal, remote: Remote, *, source: str, secret: str | None = None) -> Remote:
    """Add a remote, or change one. `secret` is its password or token for DICOMweb, in plain; None leaves it as it is.

    Raises Refused, Invalid with what is wrong, Conflict where a practice has MOST_REMOTES.
    """
    _decide(who, remote.practice_id)
    if secret is not None:
        remote.secret = seal(secret)
    check(remote)
    with transaction.atomic():
        before = Remote.objects.filter(pk=remote.pk).first() if remote.pk else None
        if before is None and Remote.objects.filter(practice=remote.practice_id).count() >= MOST_REMOTES:
            raise Conflict(
                say(
                    "A practice has at most {most_remotes} remotes. Remove those that are no longer used.",
                    most_remotes=MOST_REMOTES,
                )
            )
        if before is not None and before.practice_id != remote.practice_id:
            raise Invalid(say("A remote stays in its practice: add another one there."))
        remote.save()
        what = f"changed: {_changes(before, remote)}" if before else f"added: {described(remote)}"
        _tell(who, remote.practice_id, f"remote {remote.name} {what}", source)
    return remote


def remove_remote(who: Principal, remote: Remote, *, source: str) -> None:
    """It may call no more, and is called no more. Raises Refused."""
    _decide(who, remote.practice_id)
    with transaction.atomic():
        detail = f"remote {remote.name} removed: {described(remote)}"
        remote.delete()
        _tell(who, remote.practice_id, detail, source)


def save_title(who: Principal, title: ApplicationEntity, *, source: str) -> ApplicationEntity:
    """Let this server be called by an AE title, for a practice. Raises Refused, Invalid, Conflict."""
    _decide(who, title.practice_id)
    check(title)
    with transaction.atomic():
        if not title.pk and ApplicationEntity.objects.filter(practice=title.practice_id).count() >= MOST_TITLES:
            raise Conflict(say("A practice has at most {most_titles} AE titles.", most_titles=MOST_TITLES))
        before = ApplicationEntity.objects.filter(pk=title.pk).first() if title.pk else None
        title.save()
        what = f"changed from {before.title}" if before else "added"
        _tell(who, title.practice_id, f"AE title {title.title} {what}", source)
    return title


def remove_title(who: Principal, title: ApplicationEntity, *, source: str) -> None:
    """This server is no longer called by it. Raises Refused."""
    _decide(who, title.practice_id)
    with transaction.atomic():
        detail = f"AE title {title.title} removed"
        title.delete()
        _tell(who, title.practice_id, detail, source)


def allow(
    who: Principal, caller: UnknownCaller, *, source: str, name: str = "", services: Iterable[Service] = OF_A_DEVICE
) -> Remote:
    """Make a remote of an unknown caller: it may call by its AE title from its address, and do these things.

    Raises Refused, Conflict for a caller whose called AE title is nobody's, Invalid.
    """
    if caller.practice_id is None:
        raise Conflict(
            say(
                "It called {called}, which this server is not called. Correct that at the device.", called=caller.called
            )
        )
    _decide(who, caller.practice_id)
    remote = Remote(practice_id=caller.practice_id, name=name or _name_for(caller), title=caller.calling)
    remote.networks = caller.address
    permit(remote, frozenset(services))
    with transaction.atomic():
        save_remote(who, remote, source=source)
        UnknownCaller.objects.filter(
            practice=caller.practice_id, calling=caller.calling, address=caller.address
        ).delete()
    return remote


def _name_for(caller: UnknownCaller) -> str:
    """Its AE title, and its address as well where another remote is called so."""
    is_taken = Remote.objects.filter(practice=caller.practice_id, name=caller.calling).exists()
    return str(caller) if is_taken else caller.calling


def dismiss(who: Principal, caller: UnknownCaller, *, source: str) -> None:
    """Take a caller off the list; calling again puts it there again. Raises Refused."""
    _decide(who, caller.practice_id)
    with transaction.atomic():
        detail = f"unknown caller {caller.calling} from {caller.address} dismissed"
        caller.delete()
        _tell(who, caller.practice_id, detail, source)


def permit(remote: Remote, services: Collection[Service]) -> None:
    """Let the remote do these things and nothing else; not saved yet."""
    for service in Service:
        setattr(remote, f"may_{service.value}", service in services)


def check(row: Model) -> None:
    """Raises Invalid with what the model's rules don't allow, each with the field that it is about."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Invalid(_words(row, error)) from error


def save_checked(row: Model) -> None:
    """Save a row whose own fields follow the model's rules; what it may not share with others the database knows.

    To ask first takes a query for each constraint and each row that it names, most of what saving costs: it is asked
    when the database has refused. Raises Invalid as `check`, and Occupied for what another row has.
    """
    check_fields(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        try:
            check(row)
        except Invalid as wrong:
            raise Occupied(wrong.detail, wrong.errors) from error
        raise


def check_fields(row: Model) -> None:
    """Raises Invalid with what the model's rules don't allow of the row itself; it asks the database nothing."""
    rows = {field.name for field in row._meta.concrete_fields if field.is_relation}  # noqa: SLF001
    try:
        row.clean_fields(exclude=rows)
        row.clean()
    except ValidationError as error:
        raise Invalid(_words(row, error)) from error


def described(remote: Remote) -> str:
    """A remote in a line, for the record and the command: how it is reached, and what it may do."""
    if remote.protocol == Protocol.DICOMWEB:
        return remote.url
    place = f"{remote.host}:{remote.port}" if remote.host else remote.networks
    may = " ".join(service.value for service in Service if remote.may(service)) or "nothing"
    return f"{remote.title} at {place}{' by TLS' if remote.uses_tls else ''}, may {may}"


def _words(row: Model, error: ValidationError) -> str:
    labels = {field.name: str(field.verbose_name) for field in row._meta.concrete_fields}  # noqa: SLF001
    return " ".join(
        _labelled(labels.get(name, ""), text) for name, found in error.message_dict.items() for text in found
    )


def _labelled(label: str, text: str) -> str:
    return f"{label[:1].upper()}{label[1:]}: {text}" if label else text


def _decide(who: Principal, practice_id: int | None) -> None:
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        if practice_id is None or not who.may_in(Permission.ADMINISTER, practice_id):
            raise NotFound(say("There is no such thing in your practices."))
        raise Refused(say("Only those who administer the whole practice decide on its devices."))


def _changes(before: Remote, after: Remote) -> str:
    """The names of the fields that differ; not what they hold, which may be a password."""
    fields = [field for field in Remote._meta.concrete_fields if field.editable or field.name == "secret"]  # noqa: SLF001
    differing = [str(field.verbose_name) for field in fields if _value(before, field) != _value(after, field)]
    return f"{', '.join(differing)}: now {described(after)}" if differing else "nothing"


def _value(remote: Remote, field: Any) -> object:
    return getattr(remote, field.attname)


def _tell(who: Principal, practice_id: int | None, detail: str, source: str) -> None:
    tell(Action.CONFIGURATION, principal=who, practice_id=practice_id, detail=detail, source=source)
