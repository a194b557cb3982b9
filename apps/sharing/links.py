"""Making, listing and revoking share links: by whoever may share the study, and on record."""

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from apps.accounts import authentication
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Series, Study
from apps.archive.rights import denied
from apps.audit.models import Event
from apps.audit.record import tell
from apps.core.errors import Conflict, Invalid, NotFound, Refused
from apps.saying import say
from apps.sharing.models import TEXT_LENGTH, Share

DAYS: Final = 7
MOST_DAYS: Final = 90
MOST_OPENINGS: Final = 1000
# Links to one study that open something at the same time.
MOST_CURRENT: Final = 100
SHORTEST_PASSWORD: Final = 6
LONGEST_PASSWORD: Final = 128

NO_SUCH: Final = say("There is no such share link.")
NO_SUCH_SERIES: Final = say("This study has no such series.")
TOO_MANY: Final = say("This study has {count} links that are open. Revoke those that nobody needs.", count=MOST_CURRENT)
NOT_YOURS_TO_GIVE: Final = say(
    "You may share this study to be looked at, but not its files, which you may not take away yourself."
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link is for. `days` are from 1 to 90, `most_openings` None for any number; no password where it is empty.

    `series_instance_uid` names the one series that is shared; empty for the whole study.
    """

    recipient: str
    purpose: str
    days: int = DAYS
    password: str = ""
    may_download: bool = False
    most_openings: int | None = None
    series_instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new link, and its secret for this one time."""

    share: Share
    secret: str


def make(principal: Principal, study_uid: str, terms: Terms, *, source: str) -> Made:
    """Make a link. Raises NotFound and Refused by the principal's rights, Invalid for terms that can't be.

    Nobody gives what they don't have: without the permission to take files away, links are to look at.
    """
    _check(terms)
    study = shareable(principal, study_uid)
    if terms.may_download and not _reaches(principal, study, Permission.DOWNLOAD):
        raise Refused(NOT_YOURS_TO_GIVE)
    share = Share(
        study=study,
        series=_series(study, terms.series_instance_uid),
        recipient=terms.recipient.strip(),
        purpose=terms.purpose.strip(),
        may_download=terms.may_download,
        password=make_password(terms.password) if terms.password else "",
        made_by_id=principal.user_id or None,
        most_openings=terms.most_openings,
    )
    secret = share.renew(terms.days)
    with transaction.atomic():
        Study.objects.select_for_update().only("pk").get(pk=study.pk)
        if Share.objects.current().filter(study=study).count() >= MOST_CURRENT:
            raise Conflict(TOO_MANY)
        share.save()
        _put_on_record(Event.Action.SHARE, principal, share, source, _what(share))
    return Made(share, secret)


def revoke(principal: Principal, pk: int, *, source: str) -> Share:
    """End a link: what it opened is shut within seconds. One that has ended stays as it is. Raises NotFound."""
    with transaction.atomic():
        rows = Share.objects.visible_to(principal).select_for_update(of=("self",))
        share = rows.select_related("study").filter(pk=pk).first()
        if share is None:
            raise NotFound(NO_SUCH)
        if not share.is_ended:
            share.revoked_at, share.revoked_by_id = timezone.now(), principal.user_id
            share.save(update_fields=["revoked_at", "revoked_by"])
            _put_on_record(Event.Action.SHARE_REVOKED, principal, share, source, share.name)
    authentication.forget_all()
    return share


def shareable(principal: Principal, study_uid: str) -> Study:
    """The study if the principal may share it, the active practice's of several. Raises NotFound and Refused."""
    visible = Study.objects.visible_to(principal, Permission.SHARE).visible_to(principal, Permission.VIEW)
    found = list(visible.filter(study_instance_uid=study_uid).defer("found").order_by("practice_id"))
    if not found:
        raise denied(principal, Permission.SHARE, study_uid)
    return next((study for study in found if study.practice_id == principal.practice_id), found[0])


def may_hand_out(principal: Principal, study: Study) -> bool:
    """Whether the principal may make links by which files can be taken away."""
    return _reaches(principal, study, Permission.DOWNLOAD)


def _reaches(principal: Principal, study: Study, permission: Permission) -> bool:
    return Study.objects.visible_to(principal, permission).filter(pk=study.pk).exists()


def _check(terms: Terms) -> None:
    """Raises Invalid."""
    for name, text in (("recipient", terms.recipient), ("purpose", terms.purpose)):
        if not text.strip() or len(text) > TEXT_LENGTH:
            raise Invalid(
                say(
                    "Say the {name}, in at most {text_length} characters: it is on record.",
                    name=name,
                    text_length=TEXT_LENGTH,
                )
            )
    if not 1 <= terms.days <= MOST_DAYS:
        raise Invalid(say("A link is good for 1 to {most_days} days.", most_days=MOST_DAYS))
    if terms.most_openings is not None and not 1 <= terms.most_openings <= MOST_OPENINGS:
        raise Invalid(
            say(
                "A link may be opened 1 to {most_openings} times; leave it out for any number.",
                most_openings=MOST_OPENINGS,
            )
        )
    if terms.password and not SHORTEST_PASSWORD <= len(terms.password) <= LONGEST_PASSWORD:
        raise Invalid(
            say(
                "A password has {shortest_password} to {longest_password} characters.",
                shortest_password=SHORTEST_PASSWORD,
                longest_password=LONGEST_PASSWORD,
            )
        )


def _series(study: Study, uid: str) -> Series | None:
    if not uid:
        return None
    series = Series.objects.filter(study=study, series_instance_uid=uid).defer("found").first()
    if series is None:
        raise NotFound(NO_SUCH_SERIES)
    return series


def _what(share: Share) -> str:
    """What was given, for the record."""
    facts = [
        share.name,
        "one series" if share.series_id else "the study",
        "to take away" if share.may_download else "to look at",
        f"until {share.expires_at:%Y-%m-%d %H:%M} UTC",
        "any number of times" if share.most_openings is None else f"{share.most_openings} times",
        "with a password" if share.password else "without a password",
    ]
    return ", ".join(facts)


def _put_on_record(action: Event.Action, principal: Principal, share: Share, source: str, detail: str) -> None:
    tell(
        action,
        principal=principal,
        practice_id=share.study.practice_id,
        study_instance_uid=share.study.study_instance_uid,
        detail=detail,
        reason=f"for {share.recipient}: {share.purpose}",
        source=source,
    )
