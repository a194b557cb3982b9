"""Adding, changing and removing webhooks, their secrets and their pauses, and sending again: each of it on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.core.sealed import seal
from apps.core.serializers import camel
from apps.saying import say
from apps.webhooks import pruning
from apps.webhooks.models import Delivery, State, Webhook
from apps.webhooks.signing import new_secret

MOST: Final = 20
# Hours for which the secret before still signs, unless told otherwise; at most a month.
KEPT_HOURS: Final = 24
MOST_KEPT_HOURS: Final = 24 * 31
# What can be sent again: all but what is on its way now.
ENDED: Final = (State.DELIVERED, State.GIVEN_UP, State.FAILED)


@dataclass(frozen=True, slots=True)
class Saved:
    """A webhook, with its secret where it was added now: it is told this once."""

    webhook: Webhook
    secret: str = ""


def save(who: Principal, webhook: Webhook, *, source: str) -> Saved:
    """Add a webhook, or change one. Raises Refused, Invalid with what is wrong, Conflict where a practice has MOST."""
    decide(who, webhook.practice_id)
    secret = "" if webhook.pk else new_secret()
    webhook.events = list(dict.fromkeys(webhook.events)) if isinstance(webhook.events, list) else webhook.events
    _check(webhook)
    with transaction.atomic():
        before = Webhook.objects.select_for_update().filter(pk=webhook.pk).first() if webhook.pk else None
        if before is None and Webhook.objects.filter(practice=webhook.practice_id).count() >= MOST:
            raise Conflict(
                say("A practice has at most {most} webhooks. Remove those that are no longer used.", most=MOST)
            )
        if before is not None and before.practice_id != webhook.practice_id:
            raise Invalid(say("A webhook stays in its practice: add another one there."))
        _write(who, webhook, before, secret)
        what = f"changed: {_changes(before, webhook)}" if before else f"added: {_described(webhook)}"
        _tell(who, webhook, what, source)
    return Saved(webhook, secret)


def remove(who: Principal, webhook: Webhook, *, source: str) -> None:
    """It is told nothing any more, and what it was told is forgotten. Raises Refused."""
    decide(who, webhook.practice_id)
    with transaction.atomic():
        webhook.is_active = False
        webhook.save(update_fields=["is_active"])
        _tell(who, webhook, f"removed: {webhook.url}", source)
    pruning.forget(webhook)
    webhook.delete()


def new_signing_secret(who: Principal, webhook: Webhook, *, source: str, hours: int = KEPT_HOURS) -> str:
    """A new secret, told this once. For so many hours the one before signs as well. Raises Refused, Invalid."""
    decide(who, webhook.practice_id)
    if not 0 <= hours <= MOST_KEPT_HOURS:
        raise Invalid(say("Keep the secret before for 0 to {most} hours.", most=MOST_KEPT_HOURS))
    secret = new_secret()
    with transaction.atomic():
        webhook.former_secret, webhook.secret = webhook.secret, seal(secret)
        webhook.former_until = timezone.now() + timedelta(hours=hours)
        webhook.save(update_fields=["secret", "former_secret", "former_until"])
        _tell(who, webhook, f"given a new secret; the one before signs for {hours} h", source)
    return secret


def resume(who: Principal, webhook: Webhook, *, source: str) -> Webhook:
    """Let one that pauses go on, with all that waits for it. Raises Refused, Conflict for one that does not pause."""
    decide(who, webhook.practice_id)
    now = timezone.now()
    with transaction.atomic():
        row = Webhook.objects.select_for_update().get(pk=webhook.pk)
        if row.paused_at is None:
            raise Conflict(say("It does not pause."))
        row.paused_at, row.pause_reason, row.is_active = None, "", True
        row.failures, row.failing_since, row.not_before = 0, None, None
        row.save(
            update_fields=["paused_at", "pause_reason", "is_active", "failures", "failing_since", "not_before"]
        )  # fmt: skip
        Delivery.objects.filter(webhook=row, state=State.FAILED).update(next_at=now)
        _tell(who, row, "goes on after its pause", source)
    return row


def redeliver(who: Principal, delivery: Delivery, *, source: str) -> Delivery:
    """Send one again, with all its attempts. Raises Refused, Conflict for one that waits or is on its way."""
    decide(who, delivery.webhook.practice_id)
    with transaction.atomic():
        if not _again(Delivery.objects.filter(pk=delivery.pk, state__in=ENDED)):
            raise Conflict(say("It is on its way already."))
        _tell(who, delivery.webhook, f"sent again: {delivery.event.kind} {delivery.event.uid}", source)
    return Delivery.objects.select_related("event", "webhook").get(pk=delivery.pk)


def redeliver_many(who: Principal, webhook: Webhook, *, source: str, since: datetime | None, everything: bool) -> int:
    """Send again what failed or was given up, or `everything` that has ended, of what happened `since` then.

    Gives how many. Raises Refused.
    """
    decide(who, webhook.practice_id)
    rows = Delivery.objects.filter(webhook=webhook, state__in=ENDED if everything else (State.FAILED, State.GIVEN_UP))
    if since is not None:
        rows = rows.filter(event__occurred_at__gte=since)
    with transaction.atomic():
        count = _again(rows)
        what = "all" if everything else "what failed"
        _tell(who, webhook, f"{what} sent again{f' since {since:%Y-%m-%d %H:%M}' if since else ''}: {count}", source)
    return count


def _check(webhook: Webhook) -> None:
    """Raises Invalid with what the model's rules don't allow, by the fields' names outside."""
    try:
        webhook.full_clean()
    except ValidationError as error:
        # What concerns no field alone is its name, which another one has.
        wrong = [("name" if name == NON_FIELD_ERRORS else name, text) for name, texts in error.message_dict.items()
                 for text in texts]  # fmt: skip
        raise Invalid(
            say("Some of what was sent is not right: see errors."), [(camel(name), text) for name, text in wrong]
        ) from error


def _again(rows: Any) -> int:
    again = {"state": State.WAITING, "attempts": 0, "next_at": timezone.now(), "delivered_at": None}
    changed: int = rows.update(**again)
    return changed


def _write(who: Principal, webhook: Webhook, before: Webhook | None, secret: str) -> None:
    """What was entered alone: the courier writes on the same row."""
    if before is None:
        webhook.secret, webhook.created_by_id = seal(secret), who.user_id or None
        webhook.save(force_insert=True)
        return
    written = [field.name for field in _fields()]
    if webhook.url != before.url:
        # What failed at the address before says nothing of this one.
        webhook.failures, webhook.failing_since, webhook.not_before, webhook.last_error = 0, None, None, ""
        written += ["failures", "failing_since", "not_before", "last_error"]
    webhook.save(update_fields=written)


def _fields() -> list[Any]:
    """What people enter."""
    fields = Webhook._meta.concrete_fields  # noqa: SLF001
    return [field for field in fields if field.editable and not field.primary_key]


def _changes(before: Webhook, after: Webhook) -> str:
    differing = [each.name for each in _fields() if getattr(before, each.attname) != getattr(after, each.attname)]
    return f"{', '.join(differing) or 'nothing'}; now {_described(after)}"


def _described(webhook: Webhook) -> str:
    state = "on" if webhook.is_active else "off"
    return f"{webhook.url}, {state}, {webhook.detail}, {' '.join(webhook.events)}"


def decide(who: Principal, practice_id: int | None) -> None:
    """Raises Refused, and NotFound, for who does not administer all of the practice."""
    if not who.may_in_all_of(Permission.ADMINISTER, practice_id):
        if practice_id is None or not who.may_in(Permission.ADMINISTER, practice_id):
            raise NotFound(say("There is no such thing in your practices."))
        raise Refused(say("Only those who administer the whole practice decide on its webhooks."))


def _tell(who: Principal, webhook: Webhook, what: str, source: str) -> None:
    detail = f"webhook {webhook.name} {what}"
    tell(Action.CONFIGURATION, principal=who, practice_id=webhook.practice_id, detail=detail, source=source)
