"""The figures of a performance report. Times are in seconds, rates from 0 to 1, None where there is nothing to rate."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Day:
    """What came on a day: X-rays by the door and by the modality, and studies with their instances and bytes."""

    date: date
    xrays: int
    by_door: dict[str, int]
    by_modality: dict[str, int]
    studies: int
    instances: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Times:
    """How long a step took: half of them at most `p50`, 95 in a hundred at most `p95`, each `longest` at most."""

    name: str
    count: int
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of a kind that ended: how many, how, and the seconds from the first attempt to the end."""

    kind: str
    done: int
    failed: int
    cancelled: int
    retries: int
    error_rate: float | None
    times: Times


@dataclass(frozen=True, slots=True)
class Errors:
    """What went wrong: jobs of all kinds, files of batches, and objects that wait in quarantine."""

    jobs_ended: int
    jobs_failed: int
    job_rate: float | None
    retries: int
    files: int
    files_refused: int
    file_rate: float | None
    quarantined: int


@dataclass(frozen=True, slots=True)
class Cache:
    """Reads of what is kept ready, since the server started, and how many found it so."""

    name: str
    reads: int
    ready: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a practice has, and how fast that grew in these days."""

    practice: int
    name: str
    studies: int
    instances: int
    bytes: int
    bytes_per_day: int


@dataclass(frozen=True, slots=True)
class Sending:
    """The outbox: studies that wait or failed, and alarms of destinations that are silent or failing."""

    waiting: int
    failed: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `slowest` names the step of `steps` that took the longest, by its p95."""

    first: date
    last: date
    made_at: datetime
    days: list[Day]
    matched: Times | None
    steps: list[Times]
    slowest: str
    jobs: list[Jobs]
    errors: Errors
    caches: list[Cache]
    storage: list[Kept]
    sending: Sending


def rate(part: int, whole: int) -> float | None:
    """The share of the whole that the part is."""
    return round(part / whole, 4) if whole else None
