"""The jobs of patient access: what is sent by e-mail, where the site has a mail server."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail

from apps.access.models import Emergency
from apps.accounts.people import administrators
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job

ALERT = "emergency-alert"
MOST_MAILS = 50
SUBJECT = "Emergency access in {practice}"
TEXT = """{user} has declared an emergency in {practice}: one patient's images are open to them
until {until:%Y-%m-%d %H:%M} UTC.

Look at it, and say what you found: {page}
"""


@job(ALERT)
def alert(handle: JobHandle, *, emergency: int) -> dict[str, Any]:
    """Tell the practice's administrators; nothing of the patient leaves the server, nor the reason."""
    row = Emergency.objects.select_related("user", "practice").filter(pk=emergency).first()
    if row is None or not settings.EMAIL_IS_SENT:
        return {"mails": 0}
    page = f"{settings.PUBLIC_URL}/admin/access/emergency/{row.pk}/change/"
    text = TEXT.format(user=row.user.username, practice=row.practice.name, until=row.until, page=page)
    addresses = [user.email for user in administrators(row.practice_id)[:MOST_MAILS]]
    for done, address in enumerate(addresses):
        handle.progress(done, len(addresses), "Sending e-mail")
        send_mail(SUBJECT.format(practice=row.practice.name), text, None, [address])
    return {"mails": len(addresses)}
