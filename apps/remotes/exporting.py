"""Sending studies to a remote: each instance until the remote has confirmed it, and none that it has again."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.db import transaction

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.models import Series
from apps.archive.retrieve import StoredInstance
from apps.archive.rights import NO_SUCH
from apps.audit.record import Action, tell
from apps.core.errors import Invalid, NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.importing import check_uids
from apps.remotes.models import Delivered, Remote
from apps.remotes.reaching import within
from apps.remotes.routes import deliver
from apps.remotes.sending import Outcome, Sent
from apps.saying import say

KIND: Final = "remote-send"
SOURCE: Final = "sending"
# Confirmed instances are written down so many at a time: a kill sends no more than these twice.
NOTED_AT_ONCE: Final = 20
# Statuses with which trying again is of no use (PS3.4 B.2.3, PS3.18 I.2.2): unknown class, no match, can't be read.
_FINAL: Final = frozenset({0xA9, 0xC0, 0xC1, 0x01})


@dataclass(frozen=True, slots=True)
class Exported:
    """What sending came to, in instances; `confirmed` are those that an earlier attempt had sent."""

    studies: int
    instances: int
    confirmed: int
    sent: int
    warnings: int


@dataclass(slots=True)
class _Tally:
    """What became of the instances of one attempt, written down as it goes."""

    job_id: int
    unnoted: list[str] = field(default_factory=list)
    sent_of: Counter[str] = field(default_factory=Counter)
    warnings: int = 0
    failed: list[Sent] = field(default_factory=list)

    def add(self, stored: StoredInstance, sent: Sent) -> None:
        if sent.outcome is Outcome.FAILED:
            self.failed.append(sent)
            return
        self.warnings += sent.outcome is Outcome.WARNING
        self.sent_of[stored.study_instance_uid] += 1
        self.unnoted.append(stored.sop_instance_uid)
        if len(self.unnoted) >= NOTED_AT_ONCE:
            self.note()

    def note(self) -> None:
        rows = [Delivered(job_id=self.job_id, sop_instance_uid=uid) for uid in self.unnoted]
        Delivered.objects.bulk_create(rows, ignore_conflicts=True)
        self.unnoted.clear()


def ask(principal: Principal, remote: Remote, studies: Sequence[str], series: Sequence[str] = ()) -> Job:
    """Ask for these studies, and these series of others, to be sent to a remote that the principal may use.

    Raises Invalid, and NotFound and Refused for what the principal may not send.
    """
    wanted, parts = check_uids(studies), check_uids(series)
    if not (wanted or parts):
        raise Invalid(say("Choose at least one study or series."))
    _chosen(within(principal, remote.practice_id), wanted, parts)
    parameters = {"remote": remote.pk, "studies": wanted, "series": parts, "by_command": not principal.user_id}
    return enqueue(KIND, parameters, principal=principal, practice=remote.practice_id)


def run(
    handle: JobHandle, remote: Remote, studies: Sequence[str], series: Sequence[str], who: Principal
) -> dict[str, Any]:
    """Send these. What the remote confirms stays confirmed, however this ends.

    Raises RemoteFailed where another attempt may do, RemoteRefused where none will, NotFound and Refused for what
    `who` may not send, and what the handle raises to stop.
    """
    chosen = _chosen(within(who, remote.practice_id), studies, series)
    confirmed = set(Delivered.objects.filter(job=handle.job_id).values_list("sop_instance_uid", flat=True))
    left = [stored for stored in chosen if stored.sop_instance_uid not in confirmed]
    tally = _Tally(handle.job_id)
    try:
        _deliver(handle, remote, left, tally, total=len(chosen))
    finally:
        tally.note()
        _put_on_record(who, remote, tally)
    _check(remote, tally, len(chosen))
    handle.progress(len(chosen), len(chosen), f"All sent to {remote.name}")
    counts = len(chosen) - len(left), len(left), tally.warnings
    return asdict(Exported(len({stored.study_instance_uid for stored in chosen}), len(chosen), *counts))


def _deliver(handle: JobHandle, remote: Remote, left: Sequence[StoredInstance], tally: _Tally, total: int) -> None:
    done = total - len(left)
    handle.progress(done, total, f"Sending to {remote.name}")
    with closing(deliver(remote, left)) as deliveries:
        for number, (stored, sent) in enumerate(deliveries, 1):
            tally.add(stored, sent)
            handle.progress(done + number, total, f"Sending to {remote.name}")


def _chosen(who: Principal, studies: Sequence[str], series: Sequence[str]) -> list[StoredInstance]:
    """The instances of these studies and series that may be sent, each once. Raises NotFound, Refused."""
    found = [each for uid in studies for each in retrieve.instances(who, uid, permission=Permission.SEND)]
    for uid, study in _studies_of(who, series).items():
        found += retrieve.instances(who, study, uid, permission=Permission.SEND)
    return list({stored.sop_instance_uid: stored for stored in found}.values())


def _studies_of(who: Principal, series: Sequence[str]) -> dict[str, str]:
    """The study of each series. Raises NotFound."""
    rows = Series.objects.visible_to(who, Permission.SEND).filter(series_instance_uid__in=series)
    known = dict(rows.values_list("series_instance_uid", "study__study_instance_uid"))
    if len(known) < len(set(series)):
        raise NotFound(NO_SUCH)
    return known


def _put_on_record(who: Principal, remote: Remote, tally: _Tally) -> None:
    """What has left, study by study (PS3.15 A.5.3.7)."""
    with transaction.atomic():
        for uid, count in tally.sent_of.items():
            tell(
                Action.SEND,
                principal=who,
                practice_id=remote.practice_id,
                study_instance_uid=uid,
                count=count,
                detail=f"to {remote.name}",
                source=SOURCE,
            )


def _check(remote: Remote, tally: _Tally, total: int) -> None:
    """Raises RemoteFailed, and RemoteRefused where none of what failed may do another time."""
    if not tally.failed:
        return
    text = say(
        "{name} did not take {count} of {total} instances. The first: {reason}",
        name=remote.name,
        count=len(tally.failed),
        total=total,
        reason=tally.failed[0].reason,
    )
    raise RemoteRefused(text) if all(map(_is_final, tally.failed)) else RemoteFailed(text)


def _is_final(sent: Sent) -> bool:
    return sent.status is None or sent.status >> 8 in _FINAL or sent.status >> 12 == 0xC
