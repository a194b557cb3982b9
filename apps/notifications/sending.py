"""Sending what is due to one user: all of it in one e-mail, and in one message to each contact.

What could not be sent is tried again after a pause that doubles, for about two days. An attempt is noted before it is
made, so that a message may go out twice after a crash, but not again and again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.audit.record import Action, tell
from apps.core.languages import translated
from apps.jobs.handle import JobHandle
from apps.notifications import chat, mailing, policies, reading
from apps.notifications.chat import NotSent
from apps.notifications.kinds import Channel, Kind
from apps.notifications.models import TEXT_LENGTH, Contact, Delivery, DeliveryState
from apps.notifications.reading import Shown
from apps.saying import say

SEND: Final = "notification-send"
ATTEMPTS: Final = 10
PAUSE: Final = timedelta(minutes=5)
AT_ONCE: Final = 200
# Of many, a short message names the first.
LINES: Final = 5
_LEASE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many notifications went out, and how many could not."""

    sent: int
    failed: int


def send(handle: JobHandle, user_id: int) -> Sent:
    """Send what is due to the user."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    claimed = _claim(user_id)
    if user is None:
        Delivery.objects.filter(pk__in=[each.pk for each in claimed]).delete()
        return Sent(0, 0)
    sent = failed = 0
    for _, group in groupby(claimed, key=lambda each: (each.channel, each.contact_id or 0)):
        together = list(group)
        handle.check()
        if _send_together(user, together):
            sent += len(together)
        else:
            failed += len(together)
    return Sent(sent, failed)


def test(contact: Contact) -> None:
    """Send a few words to a contact, and note how it went. Raises NotSent."""
    user = contact.user
    with translation.override(user.language or settings.LANGUAGE_CODE):
        title = translated(say("A message from Fovea"))
        body = translated(say("Notifications for {user} go here.", user=user.get_username()))
    _to_contact(contact, title, body)


def _claim(user_id: int) -> list[Delivery]:
    """What is due and not seen meanwhile, by channels; for a while nobody else tries it."""
    now = timezone.now()
    due = Delivery.objects.filter(user=user_id, state=DeliveryState.WAITING, due_at__lte=now)
    with transaction.atomic():
        due.filter(notification__seen_at__isnull=False).delete()
        waiting = due.select_for_update(of=("self",)).order_by("channel", "contact_id", "pk")
        rows = list(waiting.select_related("notification__practice", "contact")[:AT_ONCE])
        for row in rows:
            row.attempts, row.due_at = row.attempts + 1, now + _LEASE
        Delivery.objects.bulk_update(rows, ["attempts", "due_at"])
    return rows


def _send_together(user: User, deliveries: list[Delivery]) -> bool:
    """Send these by the one channel that they are for; whether that went well."""
    first = deliveries[0]
    listed = _shown(user, deliveries, Channel(first.channel))
    try:
        if first.contact is not None:
            _to_contact(first.contact, *_short(user, listed))
        else:
            _by_email(user, listed)
    except NotSent as error:
        _note_failure(deliveries, error.reason)
        return False
    with transaction.atomic():
        pks = [each.pk for each in deliveries]
        sent = {"state": DeliveryState.SENT, "sent_at": timezone.now(), "error": ""}
        Delivery.objects.filter(pk__in=pks).update(**sent)
        _put_on_record(user, listed, Channel(first.channel))
    return True


def _shown(user: User, deliveries: list[Delivery], channel: Channel) -> list[Shown]:
    """The texts; without what may be of a patient, but for the practices that let it leave."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        listed = reading.shown([each.notification for each in deliveries], Principal.of(user))
    naming = policies.naming(channel)
    return [each if each.row.practice_id in naming else _nameless(each) for each in listed]


def _nameless(shown: Shown) -> Shown:
    """What went wrong in a job may be told in the words of what it worked with."""
    return replace(shown, facts=(), reason="" if shown.row.kind == Kind.JOB_FAILED else shown.reason)


def _by_email(user: User, listed: Sequence[Shown]) -> None:
    """Raises NotSent."""
    if not settings.EMAIL_IS_SENT or not user.email:
        raise NotSent(say("There is no mail server, or no e-mail address."))
    try:
        mailing.message(user, listed).send()
    except OSError as error:
        raise NotSent(say("The mail server can't be reached, or did not take it.")) from error


def _short(user: User, listed: list[Shown]) -> tuple[str, str]:
    """A title and a few lines."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        lines = [" · ".join((translated(each.title), *each.facts)) for each in listed[:LINES]]
        title = translated(mailing.heading(listed))
    if len(listed) == 1:
        lines = [part for part in (" · ".join(listed[0].facts), f"{mailing.site()}{listed[0].page}") if part]
    return title, "\n".join(lines)


def _to_contact(contact: Contact, title: str, body: str) -> None:
    """Raises NotSent."""
    own = Contact.objects.filter(pk=contact.pk)
    try:
        chat.send(contact, title, body)
    except NotSent as error:
        own.update(error=error.reason[:TEXT_LENGTH])
        raise
    own.update(error="", sent_at=timezone.now())


def _note_failure(deliveries: list[Delivery], reason: str) -> None:
    """Try them again later, or no more."""
    now = timezone.now()
    for each in deliveries:
        over = each.attempts >= ATTEMPTS
        each.state = DeliveryState.FAILED if over else DeliveryState.WAITING
        each.due_at, each.error = _again(now, each.attempts), reason[:TEXT_LENGTH]
    Delivery.objects.bulk_update(deliveries, ["state", "due_at", "error"])


def _again(now: datetime, attempts: int) -> datetime:
    return now + PAUSE * 2 ** min(attempts - 1, ATTEMPTS)


def _put_on_record(user: User, listed: list[Shown], channel: Channel) -> None:
    """That patients were named in what left the server."""
    named = {each.row.subject: each.row.practice_id for each in listed if each.facts}
    studies = Study.objects.filter(pk__in=[pk for pk in named if pk]).only("study_instance_uid", "practice")
    for study in studies:
        detail = f"named in a notification to {user.get_username()} by {channel.value}"
        uid = study.study_instance_uid
        tell(Action.SEND, actor="notifications", practice_id=study.practice_id, study_instance_uid=uid, detail=detail)
