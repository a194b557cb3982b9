"""Fetching what an Orthanc has told of: what isn't here yet, streamed into the store, and what came of each notice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from django.utils import timezone

from apps.archive.models import Instance
from apps.archive.outcomes import Identity, Origin
from apps.archive.store import BATCH_COUNT, Batch
from apps.core.errors import FoveaError
from apps.jobs.handle import JobHandle
from apps.practice.models import Level, NoticeState, Orthanc, OrthancNotice
from apps.practice.orthancs import standing
from apps.practice.orthancs.rest import Held, Site
from apps.practice.orthancs.tally import Tally
from apps.remotes.failures import RemoteFailed, RemoteLacks, RemoteRefused
from apps.saying import say

Item = TypeVar("Item")

WAY: Final = "Orthanc"
# Of one job's notices in one attempt; where there are more, the next ones are asked for again (retrying.py).
MOST_NOTICES: Final = 5000
LOOKED_UP_AT_ONCE: Final = 500
# An Orthanc that fails so often on end is away.
MOST_FAILURES: Final = 3
NOT_THERE: Final = say("The Orthanc has no such thing any more.")


@dataclass(frozen=True, slots=True)
class Part:
    """Notices that one list of instances answers."""

    notices: tuple[OrthancNotice, ...]
    held: tuple[Held, ...]


def run(handle: JobHandle, orthanc: Orthanc) -> dict[str, Any]:
    """Fetch what this job's notices tell of. What has come stays when this is stopped or fails.

    Raises RemoteFailed where another attempt may do, RemoteRefused, and what the handle raises to stop.
    """
    notices = _waiting(handle.job_id)
    handle.progress(0, None, f"Asking {orthanc.name} what it has")
    try:
        with Site(orthanc) as site:
            total = _Fetching(handle, orthanc, site).all_of(notices)
    except (RemoteFailed, RemoteRefused) as error:
        standing.failed(orthanc, error.detail)
        raise
    standing.answered(orthanc)
    return {"notices": len(notices), **asdict(total)}


def in_turn(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def missing(orthanc: Orthanc, held: Sequence[Held]) -> list[Held]:
    """Those that the practice's archive doesn't have."""
    known: set[str] = set()
    for some in in_turn(held, LOOKED_UP_AT_ONCE):
        uids = [each.sop_instance_uid for each in some]
        rows = Instance.objects.filter(series__study__practice=orthanc.practice_id, sop_instance_uid__in=uids)
        known.update(rows.values_list("sop_instance_uid", flat=True))
    return [each for each in held if each.sop_instance_uid not in known]


class _Fetching:
    """One attempt at a job's notices."""

    def __init__(self, handle: JobHandle, orthanc: Orthanc, site: Site) -> None:
        self._handle = handle
        self._orthanc = orthanc
        self._site = site
        self._origin = Origin(WAY, orthanc.practice_id, f"Orthanc {orthanc.name}")
        self._total = Tally()

    def all_of(self, notices: Sequence[OrthancNotice]) -> Tally:
        """Part by part: one that fails doesn't keep the others waiting. Raises what the first of them failed by."""
        failures: list[FoveaError] = []
        for some in _parts(notices):
            try:
                self._one(some)
            except (RemoteFailed, RemoteRefused) as error:
                failures.append(error)
                if len(failures) >= MOST_FAILURES:
                    break
        if failures:
            raise failures[0]
        return self._total

    def _one(self, notices: tuple[OrthancNotice, ...]) -> None:
        for part in self._listed(notices):
            tally = Tally(instances=len(part.held))
            try:
                self._fetch(part.held, tally)
            finally:
                self._total.add(tally)
            _end(part.notices, NoticeState.FAILED if tally.refused else NoticeState.DONE, tally.words())

    def _listed(self, notices: tuple[OrthancNotice, ...]) -> Iterator[Part]:
        """What these notices tell of, as the Orthanc has it now."""
        if notices[0].level == Level.INSTANCE:
            yield from self._of_instances({notice.resource: notice for notice in notices}, notices)
            return
        try:
            held = self._site.instances(Level(notices[0].level), notices[0].resource)
        except RemoteLacks:
            _end(notices, NoticeState.GONE, NOT_THERE)
            return
        yield Part(notices, tuple(held))

    def _of_instances(self, left: dict[str, OrthancNotice], notices: tuple[OrthancNotice, ...]) -> Iterator[Part]:
        """Single instances, a series at a time: what is asked of the Orthanc doesn't grow with their number."""
        while left:
            self._handle.check()
            resource = next(iter(left))
            try:
                held = self._site.instances(Level.SERIES, self._site.series_of(resource))
            except RemoteLacks:
                held = []
            wanted = tuple(each for each in held if each.resource in left)
            here = {each.resource for each in wanted}
            if resource not in here:
                _end(_about({resource}, notices), NoticeState.GONE, NOT_THERE)
            if wanted:
                yield Part(_about(here, notices), wanted)
            for each in {resource, *here}:
                del left[each]

    def _fetch(self, held: Sequence[Held], tally: Tally) -> None:
        lacking = missing(self._orthanc, held)
        tally.known = len(held) - len(lacking)
        for some in in_turn(lacking, BATCH_COUNT):
            with Batch(self._origin) as batch:
                try:
                    for done, each in enumerate(some):
                        self._say(tally, done)
                        self._take(batch, each, tally)
                finally:
                    tally.note(batch.commit())

    def _take(self, batch: Batch, each: Held, tally: Tally) -> None:
        try:
            with self._site.file(each.resource) as pieces:
                batch.receive(pieces, expected=Identity(sop_instance_uid=each.sop_instance_uid))
        except RemoteLacks:
            tally.gone += 1

    def _say(self, tally: Tally, done: int) -> None:
        """How far it is. Raises what stops the job."""
        before = self._total.known + self._total.fetched
        total = self._total.instances + tally.instances
        self._handle.progress(before + tally.known + tally.fetched + done, total, f"Fetching from {self._orthanc.name}")


def _waiting(job_id: int) -> list[OrthancNotice]:
    """What the job is to fetch; what was cancelled with it as well, for somebody has it tried again."""
    open_still = (NoticeState.WAITING, NoticeState.CANCELLED)
    return list(OrthancNotice.objects.filter(job=job_id, state__in=open_still).order_by("pk")[:MOST_NOTICES])


def _parts(notices: Sequence[OrthancNotice]) -> list[tuple[OrthancNotice, ...]]:
    """Notices of the same study or series together, and all of single instances together."""
    parts: dict[tuple[str, str], list[OrthancNotice]] = {}
    for notice in notices:
        resource = "" if notice.level == Level.INSTANCE else notice.resource
        parts.setdefault((notice.level, resource), []).append(notice)
    return [tuple(part) for part in parts.values()]


def _about(resources: set[str], notices: Iterable[OrthancNotice]) -> tuple[OrthancNotice, ...]:
    return tuple(notice for notice in notices if notice.resource in resources)


def _end(notices: Iterable[OrthancNotice], state: NoticeState, detail: str) -> None:
    pks = [notice.pk for notice in notices]
    for some in in_turn(pks, LOOKED_UP_AT_ONCE):
        OrthancNotice.objects.filter(pk__in=some).update(state=state, detail=detail, ended_at=timezone.now())
