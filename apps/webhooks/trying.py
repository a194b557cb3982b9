"""A test: an event of its own, sent at once while whoever asks waits for what comes of it."""

from dataclasses import dataclass
from threading import Timer

from django.conf import settings
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.saying import say
from apps.webhooks import administering, recording
from apps.webhooks.claiming import LEASE
from apps.webhooks.connecting import Idle
from apps.webhooks.kinds import TEST
from apps.webhooks.letters import letters
from apps.webhooks.models import Delivery, Event, State, Webhook
from apps.webhooks.posting import Attempt


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether a webhook took the test, and a text for people; `delivery` is in the log with the others."""

    ok: bool
    message: str
    delivery: Delivery


def test(who: Principal, webhook: Webhook) -> Tested:
    """Send a test, of one that pauses or is switched off too. It is not repeated. Raises Refused."""
    administering.decide(who, webhook.practice_id)
    event = Event.objects.create(
        practice_id=webhook.practice_id, kind=TEST, subject=f"webhook {webhook.pk}", data={"webhookId": webhook.pk}
    )
    delivery = Delivery.objects.create(
        webhook=webhook, event=event, subject=event.subject, state=State.SENDING, next_at=timezone.now() + LEASE
    )
    idle = Idle()
    attempt = Attempt(letters([delivery])[0], idle)
    late = Timer(settings.WEBHOOK_SECONDS, attempt.cut)
    late.start()
    outcome = attempt.make()
    late.cancel()
    idle.close_old(0)
    recording.record([outcome])
    delivery.refresh_from_db()
    ms = outcome.milliseconds
    taken = say("{name} has taken it in {ms} ms (HTTP {status}).", name=webhook.name, ms=ms, status=outcome.status)
    return Tested(outcome.is_delivered, taken if outcome.is_delivered else outcome.error, delivery)
