"""Writing down what came of attempts: of each delivery, and how its webhook stands since."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.archive.shelving import site_writer
from apps.audit.record import Action, tell
from apps.practice import events
from apps.saying import say
from apps.webhooks import schedule
from apps.webhooks.kinds import TEST
from apps.webhooks.models import TEXT_LENGTH, Delivery, DeliveryAttempt, State, Webhook
from apps.webhooks.posting import GONE, Outcome

ACTOR: Final = "courier"
NOTICE: Final = "webhook_paused"
# What `_stand` writes.
STANDING: Final = (
    "failures", "failing_since", "not_before", "last_error", "last_success_at", "paused_at", "pause_reason",
    "is_active",
)  # fmt: skip
SAID_GONE: Final = say("The receiver says that it is gone for good (HTTP 410).")
FAILED_LONG: Final = say("It has taken nothing for too long.")


def record(outcomes: Sequence[Outcome]) -> None:
    """Write these down together."""
    by_webhook: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_webhook[outcome.letter.webhook_pk].append(outcome)
    with site_writer(), transaction.atomic():
        known = {row.pk: row for row in Delivery.objects.filter(pk__in=[each.letter.delivery_pk for each in outcomes])}
        DeliveryAttempt.objects.bulk_create(_attempts(known, outcomes))
        for outcome in outcomes:
            if row := known.get(outcome.letter.delivery_pk):
                _write(row, outcome)
        paused = [webhook for pk, those in sorted(by_webhook.items()) if (webhook := _stand(pk, those))]
        # The record last: others who write in it wait for this transaction.
        for webhook in paused:
            _notice(webhook)
        _disclose(outcomes)


def _attempts(known: dict[int, Delivery], outcomes: Iterable[Outcome]) -> Iterable[DeliveryAttempt]:
    """Of those that are still there: a webhook may have been removed meanwhile."""
    for outcome in outcomes:
        if outcome.letter.delivery_pk in known:
            yield DeliveryAttempt(
                delivery_id=outcome.letter.delivery_pk,
                at=outcome.at,
                status=outcome.status,
                error=outcome.error[:TEXT_LENGTH],
                milliseconds=outcome.milliseconds,
            )


def _write(row: Delivery, outcome: Outcome) -> None:
    said: dict[str, Any] = {
        "last_status": outcome.status,
        "last_error": outcome.error[:TEXT_LENGTH],
        "answer": outcome.answer,
        "milliseconds": outcome.milliseconds,
        "attempts": F("attempts") + 1,
    }
    mine = Delivery.objects.filter(pk=row.pk)
    if outcome.is_delivered:
        mine.update(state=State.DELIVERED, next_at=None, delivered_at=timezone.now(), **said)
        return
    # Where somebody else has it by now, or has delivered it, that stands.
    mine.filter(state=State.SENDING).update(**said, **_next(row.attempts + 1, outcome))


def _next(attempts: int, outcome: Outcome) -> dict[str, Any]:
    is_final = outcome.status == GONE or outcome.letter.kind == TEST
    pause = None if is_final else schedule.pause(attempts, outcome.wish)
    if pause is None:
        return {"state": State.GIVEN_UP, "next_at": None}
    return {"state": State.FAILED, "next_at": timezone.now() + pause}


def _stand(pk: int, outcomes: Sequence[Outcome]) -> Webhook | None:
    """Write how the webhook stands; gives it where it pauses from now on."""
    webhook = Webhook.objects.select_for_update().filter(pk=pk).first()
    if webhook is None:
        return None
    was_paused = webhook.paused_at is not None
    regular = [outcome for outcome in outcomes if outcome.letter.kind != TEST]
    if any(outcome.is_delivered for outcome in outcomes):
        _well(webhook)
    elif regular:
        _ailing(webhook, regular)
    if any(outcome.status == GONE for outcome in outcomes):
        webhook.is_active = False
        _pause(webhook, SAID_GONE)
    # `save`, so that it is known at once that it is told nothing any more.
    webhook.save(update_fields=STANDING)
    return webhook if webhook.paused_at and not was_paused else None


def _well(webhook: Webhook) -> None:
    if webhook.failures >= schedule.DOUBTFUL:
        # It was the receiver, and not what it was sent: nothing that failed needs to wait for its turn.
        failed = Delivery.objects.filter(webhook=webhook, state=State.FAILED)
        failed.update(next_at=timezone.now())
    webhook.failures, webhook.failing_since, webhook.not_before = 0, None, None
    webhook.last_error, webhook.last_success_at = "", timezone.now()


def _ailing(webhook: Webhook, outcomes: Sequence[Outcome]) -> None:
    now = timezone.now()
    webhook.failures += len(outcomes)
    webhook.failing_since = webhook.failing_since or now
    webhook.not_before = _not_before(webhook, outcomes, now)
    webhook.last_error = outcomes[-1].error[:TEXT_LENGTH]
    if now - webhook.failing_since >= timedelta(days=settings.WEBHOOK_PAUSE_DAYS):
        _pause(webhook, FAILED_LONG)


def _not_before(webhook: Webhook, outcomes: Sequence[Outcome], now: datetime) -> datetime:
    """After its rest; later where it asks for that because it is overloaded (429, 503)."""
    wishes = [each.wish for each in outcomes if each.wish and each.status in (429, 503)]
    return now + max([schedule.rest(webhook.failures), *wishes])


def _pause(webhook: Webhook, reason: str) -> None:
    if webhook.paused_at is None:
        webhook.paused_at, webhook.pause_reason = timezone.now(), reason


def _notice(webhook: Webhook) -> None:
    """It is on record, and the practice's people are told."""
    detail = f"webhook {webhook.name} paused: {webhook.pause_reason}"
    tell(Action.CONFIGURATION, actor=ACTOR, practice_id=webhook.practice_id, detail=detail, source=ACTOR)
    values = {"name": webhook.name, "reason": webhook.pause_reason}
    told = {"practice_id": webhook.practice_id, "values": values, "key": f"webhook {webhook.pk}"}
    transaction.on_commit(partial(events.noteworthy.send_robust, sender=Webhook, kind=NOTICE, **told), robust=True)


def _disclose(outcomes: Iterable[Outcome]) -> None:
    """Patient data has left: that is on record, one entry for each study and webhook."""
    told = {
        (outcome.letter.practice_id, outcome.letter.study_instance_uid, outcome.letter.webhook_pk)
        for outcome in outcomes
        if outcome.is_delivered and outcome.letter.discloses
    }
    names = dict(Webhook.objects.filter(pk__in={pk for _, _, pk in told}).values_list("pk", "name")) if told else {}
    for practice_id, uid, pk in sorted(told):
        detail = f"patient data to webhook {names.get(pk, pk)}"
        tell(
            Action.SEND, actor=ACTOR, practice_id=practice_id, study_instance_uid=uid, detail=detail, source=ACTOR
        )  # fmt: skip
