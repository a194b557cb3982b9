"""How users want to be told: what by which channel, when, and where their SMS and chat messages go."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.sealed import seal
from apps.jobs.queue import enqueue
from apps.notifications import services
from apps.notifications.kinds import RULES, Channel, Kind, is_wanted_unless_told
from apps.notifications.models import NAME_LENGTH, Contact, Digest, Habits, Preference
from apps.notifications.timing import MORNING, Times
from apps.saying import say

MOST_CONTACTS: Final = 5
TEST: Final = "notification-test"

Choices = dict[tuple[Kind, Channel], bool]


def kinds_for(who: Principal) -> list[Kind]:
    """What somebody may be told of: whoever asks for jobs, of these; of the rest as their permissions are."""
    return [kind for kind in Kind if kind == Kind.JOB_FAILED or who.may(RULES[kind].permission)]


def choices(user_id: int) -> Choices:
    """Whether the user is told of each kind by each channel."""
    return choices_of([user_id])[user_id]


def choices_of(user_ids: Collection[int]) -> Mapping[int, Choices]:
    """As `choices`, of many users; one query."""
    every = {(kind, channel): is_wanted_unless_told(kind, channel) for kind in Kind for channel in Channel}
    found: defaultdict[int, Choices] = defaultdict(every.copy)
    for row in Preference.objects.filter(user__in=user_ids).order_by():
        # What another version of this server knew counts for nothing.
        if row.kind in Kind and row.channel in Channel:
            found[row.user_id][Kind(row.kind), Channel(row.channel)] = row.is_wanted
    return found


def choose(user_id: int, wanted: Choices) -> None:
    """Keep what the user has chosen for these kinds and channels."""
    rows = [
        Preference(user_id=user_id, kind=kind, channel=channel, is_wanted=is_wanted)
        for (kind, channel), is_wanted in wanted.items()
    ]
    Preference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "kind", "channel"], update_fields=["is_wanted"]
    )


def stop(user_id: int, channel: Channel) -> None:
    """Tell the user nothing more by the channel."""
    choose(user_id, {(kind, channel): False for kind in Kind})


def habits(user_id: int) -> Habits:
    """The user's; those of who has said nothing are not stored."""
    return Habits.objects.filter(user=user_id).first() or Habits(user_id=user_id)


def keep_habits(row: Habits) -> None:
    """Raises Invalid for a time zone that there isn't, and for quiet hours with one end."""
    if row.time_zone and row.time_zone not in available_timezones():
        raise _wrong("timeZone", say("There is no such time zone. Write one such as Europe/Zurich."))
    if (row.quiet_from is None) is not (row.quiet_until is None):
        raise _wrong("quietFrom", say("Say from when and until when it is to be quiet, or neither."))
    row.save()


def times_of(row: Habits) -> Times:
    """When messages may go out to whom these habits are."""
    zone = ZoneInfo(row.time_zone or settings.TIME_ZONE)
    daily_at = (row.digest_at or MORNING) if row.digest == Digest.DAILY else None
    return Times(zone, row.quiet_from, row.quiet_until, row.digest == Digest.HOURLY, daily_at)


def add_contact(who: Principal, name: str, url: str, *, source: str) -> Contact:
    """Let the user's SMS and chat messages go to an address of Apprise's.

    Raises Invalid, Conflict for a name that is taken and for more than MOST_CONTACTS.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise _wrong("name", say("Give it a name of at most {most} characters.", most=NAME_LENGTH))
    service = services.checked(url)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=who.user_id)
        own = Contact.objects.filter(user=who.user_id)
        if own.count() >= MOST_CONTACTS:
            raise Conflict(say("You have {most} contacts: remove one that is no longer used.", most=MOST_CONTACTS))
        if own.filter(name=name).exists():
            raise Conflict(say("You have a contact of this name already."))
        made = Contact.objects.create(user_id=who.user_id, name=name, service=service, sealed=seal(url))
        _tell(who, f"contact for messages added: {service}", source)
    return made


def remove_contact(who: Principal, pk: int, *, source: str) -> None:
    """Nothing more goes there. Raises NotFound."""
    with transaction.atomic():
        contact = own_contact(who, pk)
        contact.delete()
        _tell(who, f"contact for messages removed: {contact.service}", source)


def test_contact(who: Principal, pk: int) -> int:
    """Have a message sent there; gives the job's number. Raises NotFound."""
    contact = own_contact(who, pk)
    return enqueue(TEST, {"contact": contact.pk}, principal=who, key=str(contact.pk)).pk


def own_contact(who: Principal, pk: int) -> Contact:
    """Raises NotFound."""
    contact = Contact.objects.visible_to(who).filter(pk=pk).first()
    if contact is None:
        raise NotFound(say("You have no such contact."))
    return contact


def _wrong(field: str, text: str) -> Invalid:
    return Invalid(text, [(field, text)])


def _tell(who: Principal, detail: str, source: str) -> None:
    tell(Action.ACCOUNT, principal=who, detail=detail, source=source)
