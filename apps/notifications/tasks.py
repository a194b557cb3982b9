"""The jobs of notifications. Their parameters are keys alone."""

from typing import Any

from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.notifications import personal, receivers, sending
from apps.notifications.models import Contact


@job(sending.SEND, max_attempts=1)
def notification_send(handle: JobHandle, *, user: int) -> dict[str, Any]:
    """Send what is due to a user; what could not be sent is due again later."""
    found = sending.send(handle, user)
    return {"sent": found.sent, "failed": found.failed}


@job(personal.TEST, max_attempts=1)
def notification_test(handle: JobHandle, *, contact: int) -> dict[str, Any]:
    """Send a few words to a contact."""
    row = Contact.objects.select_related("user").filter(pk=contact).first()
    if row is None:
        return {"sent": 0}
    sending.test(row)
    return {"sent": 1}


@job(receivers.QUARANTINED)
def notification_quarantine(handle: JobHandle, *, practice: int) -> dict[str, Any]:
    """Tell who decides about quarantine that something waits there."""
    return {"told": receivers.tell_quarantined(practice)}
