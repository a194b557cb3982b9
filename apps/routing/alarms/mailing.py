"""Telling a practice's administrators of an alarm by e-mail, where the site has a mail server."""

from typing import Final

from django.conf import settings
from django.core.mail import send_mail

from apps.accounts.people import administrators
from apps.jobs.handle import JobHandle
from apps.routing.alarms.models import Alarm, AlarmKind

MOST_MAILS: Final = 50
SUBJECT: Final = {
    AlarmKind.SILENT: "{remote} takes nothing",
    AlarmKind.FAILED: "Not everything could be sent to {remote}",
}
TEXT: Final = """{remote} in {practice}: {detail}

Look at it: {page}

There is no further e-mail about this until all was well meanwhile.
"""


def send(handle: JobHandle, pk: int) -> int:
    """Send the e-mails; how many. Nothing of any patient leaves the server."""
    alarm = Alarm.objects.select_related("remote", "practice").filter(pk=pk, ended_at=None).first()
    if alarm is None or not settings.EMAIL_IS_SENT:
        return 0
    subject = SUBJECT[AlarmKind(alarm.kind)].format(remote=alarm.remote.name)
    page = f"{settings.PUBLIC_URL}/admin/routing/destination/?remote={alarm.remote_id}"
    text = TEXT.format(remote=alarm.remote.name, practice=alarm.practice.name, detail=alarm.detail, page=page)
    addresses = [user.email for user in administrators(alarm.practice_id)[:MOST_MAILS]]
    for done, address in enumerate(addresses):
        handle.progress(done, len(addresses), "Sending e-mail")
        send_mail(subject, text, None, [address])
    return len(addresses)
