"""The stream that an object will hold, by the plan: the file itself, or a new one in a given folder."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Final

from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path, Plan, SoundPlan
from apps.video.conversion.policy import Policy
from apps.video.conversion.syntaxes import for_size
from apps.video.streams.facts import Probe, Scan
from apps.video.streams.telling import Tell, quiet

_SUFFIXES: Final = {"mp4": ".mp4", "mpegts": ".ts", "mpegvideo": ".m2v", "jpeg": ".jpegs"}


@dataclass(frozen=True, slots=True)
class _Task:
    source: File
    probe: Probe
    scan: Scan
    plan: Plan
    policy: Policy
    target: File
    tell: Tell


def produce(
    source: File, probe: Probe, scan: Scan, plan: Plan, policy: Policy, folder: File, tell: Tell = quiet
) -> Stream:
    """Make the stream; nothing is left in `folder` after an exception.

    Raises `Refused`, and `jpegs.NotBaseline` where single JPEGs can't be kept after all.
    """
    task = _Task(source, probe, scan, plan, policy, folder / f"stream{_SUFFIXES[plan.container]}", tell)
    try:
        made = _MAKERS[plan.path](task)
    except BaseException:
        task.target.unlink(missing_ok=True)
        raise
    final = replace(made.plan, transfer_syntax_uid=for_size(plan.transfer_syntax_uid, made.size))
    return replace(made, plan=final, source_bytes=probe.wrapping.size, seconds=_seconds(made, scan), probe=probe)


def _seconds(stream: Stream, scan: Scan) -> float:
    if stream.plan.intervals:
        return sum(stream.plan.intervals) / 1000 + float(1 / scan.timing.rate)
    return float(stream.frames / stream.plan.rate)


def _source(task: _Task) -> Stream:
    sound = task.probe.sounds[0] if task.plan.sound is SoundPlan.COPY else None
    return Stream(
        file=task.source,
        size=task.source.stat().st_size,
        frames=task.scan.frames,
        plan=task.plan,
        sound=(sound.codec, sound.rate, sound.channels) if sound else None,
    )


def _remuxed(task: _Task) -> Stream:
    from apps.video.conversion.remuxing import remux

    made = remux(task.source, task.probe, task.scan, task.plan, task.target, task.tell)
    return Stream(
        file=task.target,
        size=made.size,
        frames=made.frames,
        plan=_shortened(task.plan, made.left_out, made.frames),
        sound=made.sound,
        lost_frames=made.left_out,
    )


def _shortened(plan: Plan, left_out: int, frames: int) -> Plan:
    """The plan with the intervals of those frames that are written, the first of which is 0 (PS3.3 C.7.6.5)."""
    if not plan.intervals:
        return plan
    return replace(plan, intervals=(0.0, *plan.intervals[left_out + 1 :])[:frames])


def _wrapped(task: _Task) -> Stream:
    from apps.video.conversion.jpegs import extract

    made = extract(task.source, task.probe, task.scan, task.plan, task.target, task.tell)
    return Stream(
        file=task.target,
        size=made.size,
        frames=len(made.spans),
        plan=_shortened(task.plan, 0, len(made.spans)),
        spans=made.spans,
    )


def _transcoded(task: _Task) -> Stream:
    from apps.video.conversion.transcoding import transcode

    made = transcode(task.source, task.probe, task.scan, task.plan, task.policy, task.target, task.tell)
    return Stream(
        file=made.file,
        size=made.size,
        frames=made.frames,
        plan=task.plan,
        sound=made.sound,
        lost_frames=made.lost,
        encoder=made.encoder,
        quality=made.quality,
    )


_MAKERS: Final[dict[Path, Callable[[_Task], Stream]]] = {
    Path.PASSTHROUGH: _source,
    Path.REMUX: _remuxed,
    Path.RELABEL: _remuxed,
    Path.WRAP_JPEG: _wrapped,
    Path.TRANSCODE: _transcoded,
}
