"""Opening a share link: its password, how often, and what the browser then holds in place of a sign-in.

Who has opened a link holds a signed cookie for half a day. It names the share, and holds good while the share does.
"""

from datetime import timedelta
from typing import Final

from django.contrib.auth.hashers import check_password
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.audit.record import tell
from apps.core.errors import FoveaError, NotFound, Refused, SignInRequired, TooManyAttempts
from apps.saying import say
from apps.sharing.links import LONGEST_PASSWORD
from apps.sharing.models import Share, State, digest_of

# Wrong passwords, and the time within which they count.
MOST_TRIES: Final = 5
TRIES_COUNT: Final = timedelta(minutes=15)
OPEN_SECONDS: Final = 12 * 3600

OPEN_AGAIN: Final = say("To look at images that were shared with you, open the link that you were given once more.")
NO_SUCH: Final = say("This link leads nowhere. Look whether the address is complete, or ask who sent it to you.")
ENDED: Final = {
    State.REVOKED: say("This link has been withdrawn by whoever sent it. Ask them for a new one."),
    State.EXPIRED: say("The time of this link has run out. Ask whoever sent it for a new one."),
    State.USED_UP: say("This link has been opened as often as it may be. Ask whoever sent it for a new one."),
}
WRONG: Final = say("This is not the password. It was given to you by whoever sent the link.")
TOO_MANY: Final = say("Too many wrong passwords. Wait a quarter of an hour, then try again.")

_WITH: Final = ("study", "series", "made_by")
_NEEDED: Final = (
    *("digest", "may_download", "password", "expires_at", "most_openings", "openings", "revoked_at"),
    *("recipient", "purpose", "study__practice_id", "study__study_instance_uid"),
    *("series__series_instance_uid", "made_by__username"),
)
_signer: Final = TimestampSigner(salt="apps.sharing.opening")


class Ended(FoveaError):
    """The link was good once."""

    status = 410
    code = "gone"
    title = say("This link is not good any more")


class NotOpened(SignInRequired):
    """Nobody has opened the share in this browser, or not lately; no user name would help."""

    title = say("Open the link first")
    takes_password = False


def find(secret: str) -> Share:
    """The share of this secret, whatever its state. Raises NotFound."""
    share = _shares().filter(digest=digest_of(secret)).first()
    if share is None:
        raise NotFound(NO_SUCH)
    return share


def check_current(share: Share) -> None:
    """Raises Ended, with the reason in the words of whoever holds the link."""
    if share.state is not State.CURRENT:
        raise Ended(ENDED[share.state])


def open_link(share: Share, password: str) -> str:
    """Count an opening; gives what the browser is to hold. Raises Ended, Refused, TooManyAttempts."""
    check_current(share)
    if share.password:
        _check_password(share, password)
    with transaction.atomic():
        now = timezone.now()
        counted = Share.objects.current().filter(pk=share.pk).update(openings=F("openings") + 1, opened_at=now, tries=0)
        if counted:
            _put_on_record(share, share.name)
    if not counted:
        share.refresh_from_db()
        check_current(share)
        raise Ended(ENDED[State.USED_UP])
    return _signer.sign(_named(share))


def held(presented: str, pk: int) -> Share:
    """The share that the browser has opened by what it holds; one query.

    Raises NotOpened where it holds nothing of this share, or for too long; Ended where the share has.
    """
    try:
        named = _signer.unsign(presented, max_age=OPEN_SECONDS)
    except BadSignature as error:
        raise NotOpened(OPEN_AGAIN) from error
    share = _shares().filter(pk=pk).first()
    if share is None or named != _named(share):
        raise NotOpened(OPEN_AGAIN)
    if share.is_ended:
        raise Ended(ENDED[share.state])
    return share


def holder(presented: str, pk: int) -> Principal:
    """Who has opened this share. Raises NotOpened for whoever hasn't, or whose share has ended."""
    try:
        return held(presented, pk).holder
    except Ended as error:
        raise NotOpened(error.detail) from error


def _shares() -> QuerySet[Share]:
    return Share.objects.select_related(*_WITH).only(*_NEEDED)


def _named(share: Share) -> str:
    """Whose number it is, and that the number is not another's in a database that was restored."""
    return f"{share.pk}.{share.digest[:16]}"


def _check_password(share: Share, password: str) -> None:
    """Raises TooManyAttempts, Refused. Each try is counted before it is looked at: many at once are no way around."""
    if not _takes_a_try(share):
        raise TooManyAttempts(TOO_MANY)
    if len(password) <= LONGEST_PASSWORD and check_password(password, share.password):
        return
    with transaction.atomic():
        _put_on_record(share, f"{share.name}, wrong password", Event.Outcome.MINOR_FAILURE)
    raise Refused(WRONG)


def _takes_a_try(share: Share) -> bool:
    now = timezone.now()
    rows = Share.objects.filter(pk=share.pk)
    is_fresh = Q(tries_since=None) | Q(tries_since__lte=now - TRIES_COUNT)
    if rows.filter(is_fresh).update(tries=1, tries_since=now):
        return True
    return bool(rows.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1))


def _put_on_record(share: Share, detail: str, outcome: Event.Outcome = Event.Outcome.SUCCESS) -> None:
    tell(
        Event.Action.SHARE_OPENED,
        principal=share.holder,
        practice_id=share.study.practice_id,
        study_instance_uid=share.study.study_instance_uid,
        detail=detail,
        outcome=outcome,
        reason=f"for {share.recipient}: {share.purpose}",
        source="share link",
    )
