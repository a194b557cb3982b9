"""The jobs of patient access: what is sent by e-mail, where the site has a mail server."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext, override

from apps.access.models import Emergency
from apps.accounts.people import administrators
from apps.accounts.speaking import language_of
from apps.core.dates import moment
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job

ALERT = "emergency-alert"
MOST_MAILS = 50


@job(ALERT)
def alert(handle: JobHandle, *, emergency: int) -> dict[str, Any]:
    """Tell the practice's administrators; nothing of the patient leaves the server, nor the reason."""
    row = Emergency.objects.select_related("user", "practice").filter(pk=emergency).first()
    if row is None or not settings.EMAIL_IS_SENT:
        return {"mails": 0}
    told = list(administrators(row.practice_id)[:MOST_MAILS])
    for done, user in enumerate(told):
        handle.progress(done, len(told), "Sending e-mail")
        with override(language_of(user)):
            subject, text = _mail(row)
        send_mail(subject, text, None, [user.email])
    return {"mails": len(told)}


def _mail(row: Emergency) -> tuple[str, str]:
    """The subject and the text, in the active language."""
    values = {
        "user": row.user.username,
        "practice": row.practice.name,
        "until": moment(row.until),
        "page": f"{settings.PUBLIC_URL}/admin/access/emergency/{row.pk}/change/",
    }
    what = gettext(
        "%(user)s has declared an emergency in %(practice)s: one patient's images are open to them until %(until)s."
    )
    ask = gettext("Look at it, and say what you found: %(page)s")
    return gettext("Emergency access in %(practice)s") % values, f"{what}\n\n{ask}\n" % values
