"""Importing studies from a remote: what isn't here yet is fetched, and then it is looked whether all of it has come."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from apps.accounts.principal import Principal
from apps.archive.outcomes import DuplicatePolicy, Origin
from apps.core.errors import Invalid
from apps.dicom.uids import is_valid_uid
from apps.jobs.handle import JobHandle
from apps.jobs.models import Job
from apps.jobs.queue import enqueue
from apps.remotes.failures import RemoteFailed, RemoteRefused
from apps.remotes.found import FoundInstance
from apps.remotes.intake import Intake, Unit, missing, units
from apps.remotes.lines import Line, line_to
from apps.remotes.models import Remote
from apps.saying import say, together

KIND: Final = "remote-import"
MOST_STUDIES: Final = 100
_WAY: Final = "import from {}"
_WAY_LENGTH: Final = 64

Listed = dict[str, list[FoundInstance]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: instances that the remote lists, that were here before, and that came."""

    studies: int
    instances: int
    known: int
    fetched: int


def ask(principal: Principal, remote: Remote, studies: Sequence[str]) -> Job:
    """Ask for an import of these studies. The remote must be one that the principal may use. Raises Invalid."""
    wanted = check_uids(studies)
    if not wanted:
        raise Invalid(say("Choose at least one study."))
    parameters = {"remote": remote.pk, "studies": wanted, "by_command": not principal.user_id}
    return enqueue(KIND, parameters, principal=principal, practice=remote.practice_id)


def check_uids(uids: Sequence[str]) -> list[str]:
    """These UIDs, each once. Raises Invalid for what is none, and for too many at once."""
    wanted = list(dict.fromkeys(uids))
    if len(wanted) > MOST_STUDIES:
        raise Invalid(say("Choose {most_studies} at a time at most.", most_studies=MOST_STUDIES))
    if not all(map(is_valid_uid, wanted)):
        raise Invalid(say("A UID has digits and dots, and at most 64 of them."))
    return wanted


def run(handle: JobHandle, remote: Remote, studies: Sequence[str], who: Principal) -> dict[str, Any]:
    """Import these studies. What has come stays when this is stopped or fails, and isn't fetched again.

    Raises RemoteFailed where another attempt may do, RemoteRefused, and what the handle raises to stop.
    """
    line = line_to(remote)
    handle.progress(0, None, f"Asking {remote.name} what it has")
    listed = line.instances(studies)
    if absent := [uid for uid, instances in listed.items() if not instances]:
        raise RemoteRefused(
            say(
                "{name} has nothing of {count} of {count_2} studies, or not any more.",
                name=remote.name,
                count=len(absent),
                count_2=len(listed),
            )
        )
    total = sum(map(len, listed.values()))
    lacking = {uid: missing(remote.practice_id, instances) for uid, instances in listed.items()}
    known = total - sum(map(len, lacking.values()))
    intake = Intake(
        _origin(remote, who), _policy(remote), lambda done: handle.progress(known + done, total, _said(remote))
    )
    if known < total:
        intake.step()
        _fetch(line, listed, lacking, intake)
        _verify(remote, listed, intake)
    handle.progress(total, total, say("All here"))
    return asdict(Imported(len(listed), total, known, total - known))


def _fetch(line: Line, listed: Listed, lacking: Listed, intake: Intake) -> None:
    classes = {each.sop_class_uid for instances in lacking.values() for each in instances}
    line.fetch(_units(listed, lacking), classes, intake)


def _units(listed: Listed, lacking: Listed) -> Iterator[Unit]:
    for uid, wanted in lacking.items():
        yield from units(uid, listed[uid], wanted)


def _verify(remote: Remote, listed: Listed, intake: Intake) -> None:
    """All that the remote lists has to be here now. Raises RemoteFailed."""
    every = [each for instances in listed.values() for each in instances]
    left = [each for each in missing(remote.practice_id, every) if each.sop_instance_uid not in intake.arrived]
    if left:
        text = say(
            "{count} of {all} instances did not come from {name}.", count=len(left), all=len(every), name=remote.name
        )
        if intake.refusal:
            text = together(text, say("The first that could not be stored: {reason}", reason=intake.refusal))
        raise RemoteFailed(text)


def _origin(remote: Remote, who: Principal) -> Origin:
    way = _WAY.format(remote.name)[:_WAY_LENGTH]
    user_id = who.user_id or None
    return Origin(way, remote.practice_id, who.username, "", user_id, remote.pk, remote.title)


def _policy(remote: Remote) -> DuplicatePolicy | None:
    return DuplicatePolicy(remote.duplicates) if remote.duplicates else None


def _said(remote: Remote) -> str:
    return f"Fetching from {remote.name}"
