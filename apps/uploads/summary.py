"""What an import comes to: how many files of each fate, with the reasons of those that failed."""

from collections import Counter
from dataclasses import dataclass, field

from apps.archive.store import Outcome, Status
from apps.uploads.entries import Kind


@dataclass(slots=True)
class Group:
    """Things that share a reason: how many, and the first of them."""

    example: str
    count: int = 0


@dataclass(slots=True)
class Summary:
    """Counts of an import. `unchanged` were finished by an earlier one; `found` is for a dry run."""

    statuses: Counter[Status] = field(default_factory=Counter)
    kinds: Counter[Kind] = field(default_factory=Counter)
    refused: dict[str, Group] = field(default_factory=dict)
    quarantined: dict[str, Group] = field(default_factory=dict)
    missing: Group | None = None
    unchanged: int = 0
    found: int = 0
    is_interrupted: bool = False
    stopped_by: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether anything that should be in the archive now is not."""
        return bool(self.refused or self.missing or self.stopped_by or self.is_interrupted)

    @property
    def objects(self) -> int:
        """How many objects are in the archive now, or would be read."""
        return self.found + self.unchanged + sum(self.statuses.values())

    @property
    def refusals(self) -> int:
        return sum(group.count for group in self.refused.values())

    def add(self, label: str, outcome: Outcome) -> None:
        """Count what became of one object."""
        if outcome.status is Status.REFUSED:
            self.refuse(label, outcome.reason)
            return
        self.statuses[outcome.status] += 1
        if outcome.status is Status.QUARANTINED:
            _count(self.quarantined, outcome.reason, label)

    def refuse(self, label: str, reason: str) -> None:
        _count(self.refused, reason, label)

    def miss(self, label: str) -> None:
        self.missing = self.missing or Group(label)
        self.missing.count += 1


def _count(groups: dict[str, Group], reason: str, label: str) -> None:
    groups.setdefault(reason, Group(label)).count += 1
