"""Adding, changing and removing senders, and deciding on unknown ones: each of it on record."""

from typing import Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.hl7.models import Sender, Stranger
from apps.remotes.administering import check
from apps.saying import say

MOST_SENDERS: Final = 100
NO_SUCH: Final = say("There is no such thing in your practices.")
NOT_YOURS: Final = say("Only those who administer the whole practice decide on its senders.")


def save_sender(who: Principal, sender: Sender, *, source: str) -> Sender:
    """Add a sender, or change one. Raises Refused, Invalid with what is wrong, Conflict for more than MOST_SENDERS."""
    decide(who, sender.practice_id)
    check(sender)
    with transaction.atomic():
        before = Sender.objects.filter(pk=sender.pk).first() if sender.pk else None
        if before is None and Sender.objects.filter(practice=sender.practice_id).count() >= MOST_SENDERS:
            raise Conflict(
                say("A practice has at most {most} senders. Remove those that are no longer used.", most=MOST_SENDERS)
            )
        if before is not None and before.practice_id != sender.practice_id:
            raise Invalid(say("A sender stays in its practice: add another one there."))
        sender.save()
        what = f"changed: {_changes(before, sender)}" if before else f"added: {described(sender)}"
        _tell(who, sender.practice_id, f"HL7 sender {sender.name} {what}", source)
    return sender


def remove_sender(who: Principal, sender: Sender, *, source: str) -> None:
    """Its messages are refused from now on, and what is known of those before goes with it. Raises Refused."""
    decide(who, sender.practice_id)
    with transaction.atomic():
        detail = f"HL7 sender {sender.name} removed: {described(sender)}"
        sender.delete()
        _tell(who, sender.practice_id, detail, source)


def allow(who: Principal, stranger: Stranger, *, source: str, name: str = "") -> Sender:
    """Make a sender of an unknown one: it may send what it calls itself, from its address.

    Raises Refused, Conflict where it is not clear whom it wrote to, Invalid.
    """
    if stranger.practice_id is None:
        raise Conflict(say("It did not say which practice it wrote to. Add it as a sender of the one it is for."))
    decide(who, stranger.practice_id)
    sender = Sender(
        practice_id=stranger.practice_id,
        name=name or _name_for(stranger),
        application=stranger.application,
        facility=stranger.facility,
        networks=stranger.address,
    )
    with transaction.atomic():
        save_sender(who, sender, source=source)
        stranger.delete()
    return sender


def dismiss(who: Principal, stranger: Stranger, *, source: str) -> None:
    """Take an unknown sender off the list; sending again puts it there again. Raises Refused."""
    decide(who, stranger.practice_id)
    with transaction.atomic():
        detail = f"unknown HL7 sender {stranger} dismissed"
        stranger.delete()
        _tell(who, stranger.practice_id, detail, source)


def described(sender: Sender) -> str:
    """A sender in a line, for the record."""
    called = " ".join(filter(None, (sender.application, sender.facility))) or "anything"
    return f"{called} from {sender.networks}{', by TLS' if sender.certificate.strip() else ''}"


def decide(who: Principal, practice_id: int | None) -> None:
    """Raises NotFound for what is out of sight, Refused for who does not administer the whole practice."""
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        if practice_id is None or not who.may_in(Permission.ADMINISTER, practice_id):
            raise NotFound(NO_SUCH)
        raise Refused(NOT_YOURS)


def _name_for(stranger: Stranger) -> str:
    name = (stranger.application or stranger.facility or stranger.address)[:40]
    is_taken = Sender.objects.filter(practice=stranger.practice_id, name=name).exists()
    return f"{name} {stranger.pk}" if is_taken else name


def _changes(before: Sender, after: Sender) -> str:
    fields = [field.name for field in Sender._meta.concrete_fields if field.editable]  # noqa: SLF001
    differing = [name for name in fields if getattr(before, name) != getattr(after, name)]
    return f"{', '.join(differing)}: now {described(after)}" if differing else "nothing"


def _tell(who: Principal, practice_id: int | None, detail: str, source: str) -> None:
    tell(Action.CONFIGURATION, principal=who, practice_id=practice_id, detail=detail, source=source)
