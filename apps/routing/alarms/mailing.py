"""Telling a practice's administrators of an alarm by e-mail, where the site has a mail server."""

from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext, override

from apps.accounts.people import administrators
from apps.accounts.speaking import language_of
from apps.core.languages import translated
from apps.jobs.handle import JobHandle
from apps.routing.alarms.models import Alarm, AlarmKind

MOST_MAILS: Final = 50


def send(handle: JobHandle, pk: int) -> int:
    """Send the e-mails; how many. Nothing of any patient leaves the server."""
    alarm = Alarm.objects.select_related("remote", "practice").filter(pk=pk, ended_at=None).first()
    if alarm is None or not settings.EMAIL_IS_SENT:
        return 0
    told = list(administrators(alarm.practice_id)[:MOST_MAILS])
    for done, user in enumerate(told):
        handle.progress(done, len(told), "Sending e-mail")
        with override(language_of(user)):
            subject, text = _mail(alarm)
        send_mail(subject, text, None, [user.email])
    return len(told)


def _mail(alarm: Alarm) -> tuple[str, str]:
    """The subject and the text, in the active language."""
    values = {
        "remote": alarm.remote.name,
        "practice": alarm.practice.name,
        "detail": translated(alarm.detail),
        "page": f"{settings.PUBLIC_URL}/admin/routing/destination/?remote={alarm.remote_id}",
    }
    subject = gettext("%(remote)s takes nothing")
    if alarm.kind == AlarmKind.FAILED:
        subject = gettext("Not everything could be sent to %(remote)s")
    parts = (
        gettext("%(remote)s in %(practice)s: %(detail)s"),
        gettext("Look at it: %(page)s"),
        gettext("There is no further e-mail about this until all was well meanwhile."),
    )
    return subject % values, "".join(f"{part % values}\n\n" for part in parts).rstrip("\n") + "\n"
