"""What an import keeps in mind while objects come in, whichever way they come."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from apps.archive.models import Instance
from apps.archive.outcomes import DuplicatePolicy, Origin, Outcome, Status
from apps.remotes.found import FoundInstance

# UIDs in one request: as many as every server takes (a list of them has no more than 64 KiB).
UIDS_AT_ONCE: Final = 100
LOOKED_UP_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Unit:
    """What is asked for in one request: a study, some whole series of it, or some instances of one series."""

    study_instance_uid: str
    series_instance_uids: tuple[str, ...] = ()
    sop_instance_uids: tuple[str, ...] = ()


@dataclass(slots=True)
class Intake:
    """One import's objects: how they are stored, which have come, and whom that is told.

    `told` is called after each step with how many have come; what it raises ends the import.
    """

    origin: Origin
    policy: DuplicatePolicy | None
    told: Callable[[int], None]
    arrived: set[str] = field(default_factory=set)
    moved: int = 0
    # The reason given for the first of those that could not be stored.
    refusal: str = ""

    def note(self, outcome: Outcome | None, comment: str = "") -> None:
        """An object came. What waits in quarantine is kept, and need not come again."""
        if outcome is None or outcome.status is Status.REFUSED:
            self.refusal = self.refusal or (outcome.reason if outcome else comment)
        else:
            self.arrived.add(outcome.sop_instance_uid)

    def step(self) -> None:
        """Say how far it is. Raises what `told` does."""
        self.told(len(self.arrived) + self.moved)


def missing(practice_id: int, listed: Iterable[FoundInstance]) -> list[FoundInstance]:
    """Those that the practice's archive doesn't have."""
    every = list(listed)
    known: set[str] = set()
    for start in range(0, len(every), LOOKED_UP_AT_ONCE):
        uids = [each.sop_instance_uid for each in every[start : start + LOOKED_UP_AT_ONCE]]
        rows = Instance.objects.filter(series__study__practice=practice_id, sop_instance_uid__in=uids)
        known.update(rows.values_list("sop_instance_uid", flat=True))
    return [each for each in every if each.sop_instance_uid not in known]


def units(study_uid: str, listed: Iterable[FoundInstance], wanted: Iterable[FoundInstance]) -> Iterator[Unit]:
    """The requests for what is wanted of a study: as few as can be that bring nothing else."""
    totals, lacking = _by_series(listed), _by_series(wanted)
    if lacking and lacking == totals:
        yield Unit(study_uid)
        return
    if whole := tuple(series for series, uids in lacking.items() if uids == totals.get(series)):
        yield Unit(study_uid, whole)
    for series, uids in lacking.items():
        if series not in whole:
            for start in range(0, len(uids), UIDS_AT_ONCE):
                yield Unit(study_uid, (series,), uids[start : start + UIDS_AT_ONCE])


def _by_series(instances: Iterable[FoundInstance]) -> dict[str, tuple[str, ...]]:
    """The SOP Instance UIDs of each series, in their order."""
    ordered = sorted(instances, key=_place)
    groups = groupby(ordered, key=lambda each: each.series_instance_uid)
    return {series: tuple(each.sop_instance_uid for each in members) for series, members in groups}


def _place(instance: FoundInstance) -> tuple[str, str]:
    return instance.series_instance_uid, instance.sop_instance_uid
