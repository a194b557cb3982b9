"""What a performance report is about: which practices, and which days by the server's clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.core.errors import Invalid, NotFound
from apps.saying import say

LONGEST: Final = 366
USUAL: Final = 30
NO_SUCH: Final = say("There is no such practice among those that you administer.")
WRONG: Final = say("The days are not right: see errors.")


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, both of them included, of these practices; of all where they are None."""

    first: date
    last: date
    practices: frozenset[int] | None

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time()))

    @property
    def end(self) -> datetime:
        """The moment at which the day after the last begins."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time()))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def key(self) -> str:
        """What tells spans apart."""
        of = "all" if self.practices is None else "-".join(map(str, sorted(self.practices)))
        return f"{self.first}.{self.last}.{of}"


def span(who: Principal, first: date | None = None, last: date | None = None, practice: int | None = None) -> Span:
    """What is asked about, within what `who` administers: without days the last thirty.

    Raises NotFound for another practice, Invalid for days that are none, or more than a year.
    """
    whole = who.whole(Permission.ADMINISTER)
    if practice is not None and whole is not None and practice not in whole:
        raise NotFound(NO_SUCH)
    last = last or max(first or date.min, timezone.localdate())
    first = first or last - timedelta(days=USUAL - 1)
    if first > last:
        raise Invalid(WRONG, [("from", say("This is after the last day."))])
    if (last - first).days >= LONGEST:
        raise Invalid(WRONG, [("from", say("A report covers at most {longest} days.", longest=LONGEST))])
    return Span(first, last, whole if practice is None else frozenset({practice}))
