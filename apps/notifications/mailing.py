"""Notifications as an e-mail: text and HTML, in the reader's language, with a way to get no more of them (RFC 8058)."""

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, Signer
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.core.languages import translated
from apps.notifications.kinds import Channel
from apps.notifications.personal import habits, stop, times_of
from apps.notifications.reading import Shown
from apps.saying import Sentence, say, say_count

_SIGNER: Final = Signer(salt="fovea.notifications.stop")


def site() -> str:
    """How people reach the site, without a slash at its end: as it was told, or as `make run` prints it."""
    return settings.PUBLIC_URL or f"http://{settings.HTTP_HOST}:{settings.HTTP_PORT}"


def message(user: User, shown: Sequence[Shown]) -> EmailMultiAlternatives:
    """The e-mail about these notifications, one at least."""
    language = user.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(times_of(habits(user.pk)).zone):
        context = {"shown": shown, "site": site(), "heading": heading(shown), "language": language}
        context["settings_path"] = reverse("notifications")
        text = render_to_string("notifications/mail.txt", context)
        html = render_to_string("notifications/mail.html", context)
        # A header is one line, whatever a device is called.
        subject = " ".join(translated(heading(shown)).split())
    headers = {
        "List-Unsubscribe": f"<{site()}{stop_path(user.pk)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # So that nobody's absence is answered (RFC 3834 5).
        "Auto-Submitted": "auto-generated",
    }
    made = EmailMultiAlternatives(subject, text, None, [user.email], headers=headers)
    made.attach_alternative(html, "text/html")
    return made


def heading(shown: Sequence[Shown]) -> Sentence:
    """What the messages are about, in a line: the one, or how many of which practice."""
    practices = {str(each.row.practice or "") for each in shown}
    practice = practices.pop() if len(practices) == 1 else ""
    if len(shown) == 1:
        title = shown[0].title
        return say("{practice}: {title}", practice=practice, title=title) if practice else title
    if practice:
        return say_count(
            "{practice}: {count} notification", "{practice}: {count} notifications", len(shown), practice=practice
        )
    return say_count("{count} notification", "{count} notifications", len(shown))


def stop_path(user_id: int) -> str:
    """The address by which this user gets no more e-mail, without signing in."""
    return reverse("notifications-stop", args=[_SIGNER.sign(str(user_id))])


def whose(token: str) -> int:
    """The user of such an address. Raises NotFound for one that this site has not made."""
    try:
        return int(_SIGNER.unsign(token))
    except (BadSignature, ValueError) as error:
        raise NotFound(say("This link is not complete. Copy all of it.")) from error


def stop_email(token: str) -> None:
    """Raises NotFound."""
    stop(whose(token), Channel.EMAIL)
