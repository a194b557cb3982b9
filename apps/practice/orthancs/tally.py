"""What a fetch from an Orthanc comes to, counted and told."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.archive.outcomes import Outcome, Status
from apps.remotes.models import TEXT_LENGTH


@dataclass(slots=True)
class Tally:
    """What a fetch came to so far: instances that there are, that were here before, that came, that could not be kept.

    `gone` are those that the Orthanc has no more; `reason` is why the first could not be kept.
    """

    instances: int = 0
    known: int = 0
    fetched: int = 0
    refused: int = 0
    gone: int = 0
    reason: str = ""

    def note(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.status is Status.REFUSED:
                self.refused += 1
                self.reason = self.reason or outcome.reason
            elif outcome.status is Status.KNOWN:
                self.known += 1
            else:
                self.fetched += 1

    def words(self) -> str:
        """In a line, for a person."""
        what = "1 instance" if self.instances == 1 else f"{self.instances} instances"
        text = f"{what}: {self.fetched} fetched, {self.known} were here."
        text += f" {self.gone} are not there any more." if self.gone else ""
        text += f" {self.refused} could not be stored: {self.reason}" if self.refused else ""
        return text[:TEXT_LENGTH]

    def add(self, other: "Tally") -> None:
        """Count what another part of the same fetch came to."""
        self.instances += other.instances
        self.known += other.known
        self.fetched += other.fetched
        self.refused += other.refused
        self.gone += other.gone
        self.reason = self.reason or other.reason
