"""Telling people: a row for each who is to know, and what is to leave for them by e-mail, SMS and chat.

What is told again before it was seen is counted on in the same row, and leaves no second time.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications import personal
from apps.notifications.kinds import RULES, Channel, Kind
from apps.notifications.models import KEY_LENGTH, Contact, Delivery, Habits, Notification
from apps.notifications.personal import Choices
from apps.notifications.timing import due

# Of a kind that is told once for each thing, as many wait apart; what comes then is told together.
APART: Final = 20
LONGEST_VALUE: Final = 200


@dataclass(frozen=True, slots=True)
class News:
    """What has happened: of which kind, in which practice (None: of the site), about what.

    What has the same `key` is one notification; `subject` is the number of what it is about, `values` fill the text.
    """

    kind: Kind
    practice_id: int | None
    key: str = ""
    subject: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    times: int = 1


def tell(news: News, user_ids: Collection[int]) -> int:
    """Tell these users; gives how many have not been told before."""
    try:
        return _tell(news, user_ids)
    except IntegrityError:
        # Somebody told them the same at this moment: now that is known, and counted on.
        return _tell(news, user_ids)


def _tell(news: News, user_ids: Collection[int]) -> int:
    now = timezone.now()
    with transaction.atomic():
        fresh = sorted(set(user_ids) - _known(news, user_ids, now))
        choices = personal.choices_of(fresh)
        wanting = [user for user in fresh if any(_wanted(choices[user], news.kind))]
        rows = _made(news, wanting, choices, now)
        _send_out(rows, choices, now)
    return len(rows)


def _wanted(choices: Choices, kind: Kind) -> Iterable[bool]:
    return (choices[kind, channel] for channel in Channel)


def _known(news: News, user_ids: Collection[int], now: datetime) -> set[int]:
    """Whom the same waits for already, where it is counted on, and whom it need not be told again."""
    rows = Notification.objects.filter(
        user__in=user_ids, kind=news.kind, key=news.key[:KEY_LENGTH], practice=news.practice_id
    )
    if RULES[news.kind].is_once and news.key:
        return set(rows.values_list("user", flat=True))
    unseen = rows.filter(seen_at=None)
    users = set(unseen.values_list("user", flat=True))
    if users:
        unseen.update(
            count=F("count") + news.times, occurred_at=now, values=_bounded(news.values), subject=news.subject
        )
    return users


def _made(news: News, users: list[int], choices: Mapping[int, Choices], now: datetime) -> list[Notification]:
    crowded = _crowded(news, users)
    rows = [
        Notification(
            practice_id=news.practice_id, user_id=user, kind=news.kind, key=news.key[:KEY_LENGTH],
            subject=news.subject, values=_bounded(news.values), occurred_at=now, count=news.times,
            is_shown=choices[user][news.kind, Channel.APP],
        )
        for user in users
        if user not in crowded
    ]  # fmt: skip
    Notification.objects.bulk_create(rows)
    if crowded:
        tell(News(news.kind, news.practice_id), crowded)
    return rows


def _crowded(news: News, users: list[int]) -> set[int]:
    """Those for whom so much of the kind waits that one thing more is told together with others."""
    if not (RULES[news.kind].is_once and news.key and users):
        return set()
    unseen = Notification.objects.filter(user__in=users, kind=news.kind, practice=news.practice_id, seen_at=None)
    counted = unseen.order_by().values("user").annotate(rows=Count("pk")).filter(rows__gte=APART)
    return set(counted.values_list("user", flat=True))


def _send_out(rows: list[Notification], choices: Mapping[int, Choices], now: datetime) -> None:
    """Put on their way those that their users want elsewhere too."""
    by_mail = [row for row in rows if choices[row.user_id][Kind(row.kind), Channel.EMAIL]]
    by_chat = [row for row in rows if choices[row.user_id][Kind(row.kind), Channel.CHAT]]
    if not by_mail and not by_chat:
        return
    users = {row.user_id for row in (*by_mail, *by_chat)}
    is_urgent = any(RULES[Kind(row.kind)].is_urgent for row in rows)
    times = dict.fromkeys(users, now) if is_urgent else _times(users, now)
    mailed = User.objects.filter(pk__in=users).exclude(email="").values_list("pk", flat=True)
    with_mail = set(mailed)
    contacts: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(user__in=users):
        contacts.setdefault(contact.user_id, []).append(contact)
    deliveries = [_delivery(row, Channel.EMAIL, times) for row in by_mail if row.user_id in with_mail]
    deliveries += [
        _delivery(row, Channel.CHAT, times, contact) for row in by_chat for contact in contacts.get(row.user_id, ())
    ]
    Delivery.objects.bulk_create(deliveries)


def _delivery(
    row: Notification, channel: Channel, times: dict[int, datetime], contact: Contact | None = None
) -> Delivery:
    return Delivery(notification=row, user_id=row.user_id, channel=channel, contact=contact, due_at=times[row.user_id])


def _times(users: set[int], now: datetime) -> dict[int, datetime]:
    """When what has happened now goes out to each."""
    known = {row.user_id: row for row in Habits.objects.filter(user__in=users)}
    return {user: due(now, personal.times_of(known.get(user) or Habits())) for user in users}


def _bounded(values: dict[str, Any]) -> dict[str, Any]:
    """Names and numbers, and of a name not more than a line."""
    return {
        name: value if isinstance(value, int | float) else str(value)[:LONGEST_VALUE] for name, value in values.items()
    }
