"""How the destinations stand: what waits for each, since when, and whether it takes anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.remotes.models import Remote
from apps.routing import outbox
from apps.routing.alarms.models import Alarm
from apps.routing.models import Destination, Outgoing


class Health(StrEnum):
    """A destination in a word."""

    WELL = "well"
    FAILING = "failing"
    SILENT = "silent"
    OFF = "off"
    UNUSED = "unused"


LABELS = {
    Health.WELL: _("Takes what it is sent"),
    Health.FAILING: _("Fails now and then"),
    Health.SILENT: _("Does not take anything"),
    Health.OFF: _("Switched off"),
    Health.UNUSED: _("Nothing was sent yet"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One destination. `oldest` is since when the oldest study waits that is to go; the counts are of studies."""

    remote: Remote
    destination: Destination | None
    waiting: int
    sending: int
    failed: int
    oldest: datetime | None
    alarms: tuple[Alarm, ...]

    @property
    def health(self) -> Health:
        if not self.remote.is_active:
            return Health.OFF
        if self.destination is None:
            return Health.UNUSED
        if self.destination.open_since is not None:
            return Health.SILENT
        if self.destination.failing_since is not None:
            return Health.FAILING
        return Health.WELL if self.destination.last_taken_at else Health.UNUSED

    @property
    def label(self) -> str:
        return str(LABELS[self.health])


def standings(who: Principal, **only: object) -> list[Standing]:
    """All destinations of the practices that `who` administers, by name; `only` are conditions on the remotes."""
    return list(_each(remotes(who).filter(**only)))


def remotes(who: Principal) -> QuerySet[Remote]:
    """The remotes that something goes to, by a rule or by hand."""
    used = (
        Q(pk__in=Destination.objects.values("remote"))
        | Q(pk__in=Outgoing.objects.order_by().values("remote"))
        | Q(routing_rules__isnull=False)
    )
    return Remote.objects.visible_to(who, Permission.ADMINISTER).filter(used).distinct().order_by("name", "pk")


def _each(rows: QuerySet[Remote]) -> Iterator[Standing]:
    found = list(rows.select_related("practice", "destination"))
    keys = [remote.pk for remote in found]
    counts = {each.remote_id: each for each in outbox.counts(keys)}
    alarms: dict[int, list[Alarm]] = {}
    for alarm in Alarm.objects.filter(remote__in=keys, ended_at=None):
        alarms.setdefault(alarm.remote_id, []).append(alarm)
    for remote in found:
        count = counts.get(remote.pk, outbox.Counts(remote.pk, 0, 0, 0, None))
        yield Standing(
            remote, getattr(remote, "destination", None), count.waiting, count.sending, count.failed, count.oldest,
            tuple(alarms.get(remote.pk, ())),
        )  # fmt: skip
