"""What is to be done with a file: the least that makes a conformant object of it.

A stream that one of the standard's transfer syntaxes holds as it is keeps its coded pictures; whatever stands in the
way of that is an obstacle, and each obstacle names the step of the transcoding that removes it.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from apps.saying import Sentence, say
from apps.video.conversion import sounds, syntaxes
from apps.video.conversion.grounds import BARE, Facts, Kept, Obstacle
from apps.video.conversion.keeping import is_full_baseline, kept
from apps.video.conversion.obstacles import obstacles, vector
from apps.video.conversion.plan import Path, Plan, SoundPlan
from apps.video.conversion.policy import Policy
from apps.video.conversion.shaping import HEVC_MAIN, HIGH, Shape, shape, steady
from apps.video.errors import Code, Refused
from apps.video.streams.facts import Chroma, EditList, Probe, Scan

if TYPE_CHECKING:
    from apps.video.streams.damage import Damage

# In the order in which they are done.
STEPS = ("recover", "deinterlace", "rotate", "square", "scale", "rate", "mask", "420")
_NO_MP4 = ("", "qt  ")  # the brands of QuickTime, whose older files have none


def decide(
    probe: Probe, scan: Scan, damage: "Damage | None", policy: Policy, *, failed: Sentence | None = None
) -> Plan:
    """The plan for a file; raises `Refused` for one that nothing can be made of, or that exceeds the policy's limits.

    `damage` is what strict decoding found, None where it was not needed (`is_doubtful`). `failed` is why the pictures
    could not stay after all, when that was tried.
    """
    _refuse_excess(probe, scan, policy)
    _refuse_damage(scan, damage, policy)
    facts = Facts(probe, scan, damage, policy, _rate(probe, scan, policy))
    answer, found = kept(facts), list(obstacles(facts))
    if failed is not None:
        found.append(Obstacle("", failed))
    if isinstance(answer, Obstacle):
        return _transcoded(facts, [*found, answer])
    return _transcoded(facts, found) if found else _kept(facts, answer)


def is_doubtful(probe: Probe, scan: Scan) -> bool:
    """Whether only strict decoding tells if the pictures can stay.

    So it is where packets are corrupt, the end is missing, or decoding can't begin with the first picture; and with
    H.264 of the Baseline profile that doesn't promise to be of the constrained one.
    """
    starts_late = bool(scan.key_times) and scan.key_times[0] > 0
    return bool(scan.corrupt_packets) or scan.is_short or starts_late or is_full_baseline(probe.pictures)


# What is refused -----------------------------------------------------------------------------------------------------


def _refuse_excess(probe: Probe, scan: Scan, policy: Policy) -> None:
    if scan.frames < 1:
        raise Refused(Code.NO_PICTURES, say("There are no pictures in the file."))
    if probe.wrapping.size > policy.max_bytes:
        raise Refused(
            Code.TOO_LARGE, say("The file has more than {gib} GiB, the most there may be.", gib=policy.max_bytes >> 30)
        )
    if scan.timing.span > policy.max_seconds:
        raise Refused(
            Code.TOO_LONG,
            say("The film is longer than {minutes} minutes, the most there may be.", minutes=policy.max_seconds // 60),
        )


def _refuse_damage(scan: Scan, damage: "Damage | None", policy: Policy) -> None:
    if damage is None:
        return
    if damage.decoded < 1:
        raise Refused(Code.DAMAGED, say("No picture of the file can be decoded."))
    spoiled = max(scan.frames - damage.decoded, 0) + damage.corrupt
    if spoiled > policy.max_lost * scan.frames:
        raise Refused(
            Code.DAMAGED,
            say("{spoiled} of {frames} pictures are damaged: too many.", spoiled=spoiled, frames=scan.frames),
        )


def _rate(probe: Probe, scan: Scan, policy: Policy) -> Fraction:
    """Pictures a second: what was measured; of a bare stream what it says itself, or else what the person says."""
    if probe.wrapping.format in BARE:
        told = probe.pictures.rate or policy.rate
        if told is None:
            raise Refused(
                Code.NO_FRAME_RATE,
                say("The file doesn't say how many pictures a second it has. Say how many there are."),
            )
        return told
    return scan.timing.rate if scan.timing.is_constant else steady(scan.timing.rate, scan.timing.intervals)


# The plans ----------------------------------------------------------------------------------------------------------


def _kept(facts: Facts, kept: Kept) -> Plan:
    reasons = tuple(_changes(facts, kept))
    is_varying = not facts.scan.timing.is_constant and facts.probe.wrapping.format not in BARE
    return Plan(
        path=_path(kept, reasons),
        transfer_syntax_uid=kept.syntax,
        columns=facts.pictures.columns,
        rows=facts.pictures.rows,
        rate=facts.scan.timing.rate if is_varying else facts.rate,
        sound=_sound(facts, kept.container),
        reasons=reasons or (say("The file is what DICOM asks for: every byte of it stays."),),
        intervals=vector(facts.scan) if is_varying else (),
        container=kept.container,
        profile=kept.profile,
        level=kept.level,
        is_lossy_again=False,
    )


def _path(kept: Kept, reasons: tuple[Sentence, ...]) -> Path:
    if kept.container == "jpeg":
        return Path.WRAP_JPEG
    if kept.profile:
        return Path.RELABEL
    return Path.REMUX if reasons else Path.PASSTHROUGH


def _changes(facts: Facts, kept: Kept) -> Iterator[Sentence]:
    """Why the bytes can't all stay, though the pictures do."""
    if kept.profile:
        yield say("The stream says that it is of another profile or level than it is; its head is put right.")
    if kept.container == "jpeg":
        yield say("Each JPEG of the film becomes a frame, unchanged.")
    else:
        yield from _wrappings(facts, kept)
    yield from _tracks(facts, kept)
    yield from _tellings(facts)


def _wrappings(facts: Facts, kept: Kept) -> Iterator[Sentence]:
    wrapping = facts.probe.wrapping
    if not _is_container(facts, kept):
        yield say("The pictures are put into a container that DICOM allows, as they are.")
    elif kept.container == "mp4" and (not wrapping.is_head_first or wrapping.is_fragmented):
        yield say("The file's head is put first, so that it plays while it is loaded.")
    if wrapping.edit_list is EditList.AT_KEYFRAME:
        yield say("What the file hides at its beginning is left out.")
    if facts.scan.is_short or (facts.scan.key_times and facts.scan.key_times[0] > 0):
        yield say("A part of the film is missing in the file; what is there is kept.")


def _is_container(facts: Facts, kept: Kept) -> bool:
    """Whether it may stay. HEVC is always put anew, under the name (hvc1) that every player knows."""
    wrapping = facts.probe.wrapping
    if kept.container == "mp4":
        return wrapping.format == "mp4" and wrapping.brand not in _NO_MP4 and facts.pictures.codec == "h264"
    return kept.container == "mpegvideo" and wrapping.format == "mpegvideo"


def _tracks(facts: Facts, kept: Kept) -> Iterator[Sentence]:
    if facts.probe.sounds and not facts.has_kept_sound:
        yield say("The sound is left out.")
    if _sound(facts, kept.container) is SoundPlan.ENCODE:
        yield say("The sound is of a kind that DICOM doesn't allow; it alone is encoded anew.")
    if len(facts.probe.sounds) > 1 and facts.has_kept_sound:
        yield say("Only the first of several sounds is kept.")
    if facts.probe.wrapping.other_streams:
        yield say("Subtitles, time codes and other data are left out.")


def _tellings(facts: Facts) -> Iterator[Sentence]:
    if facts.probe.wrapping.metadata:
        yield say("What the file tells of people, places and devices is left out.")
    if facts.scan.has_user_data:
        yield say("What was hidden between the pictures is left out.")


def _sound(facts: Facts, container: str) -> SoundPlan:
    if not facts.has_kept_sound or container in ("jpeg", "mpegvideo"):
        return SoundPlan.NONE
    is_mpeg2 = container == "mpegts"
    is_legal = sounds.is_legal(facts.probe.sounds[0], container, is_mpeg2=is_mpeg2)
    return SoundPlan.COPY if is_legal else SoundPlan.ENCODE


def _transcoded(facts: Facts, obstacles: list[Obstacle]) -> Plan:
    made = shape(facts.probe, facts.scan, facts.rate, keep_4k=facts.policy.keep_4k)
    wanted = {obstacle.step for obstacle in obstacles} | set(_needed(facts, made))
    return Plan(
        path=Path.TRANSCODE,
        transfer_syntax_uid=_encoded_syntax(made),
        columns=made.columns,
        rows=made.rows,
        rate=made.rate,
        sound=_sound(facts, "mp4"),
        reasons=tuple(obstacle.reason for obstacle in obstacles),
        profile=HEVC_MAIN if made.is_hevc else HIGH,
        level=made.level,
        is_lossy_again=True,
        steps=tuple(step for step in STEPS if step in wanted),
    )


def _needed(facts: Facts, made: Shape) -> Iterator[str]:
    """What has to be done besides, once the pictures are encoded anew."""
    pictures, wrapping = facts.pictures, facts.probe.wrapping
    if pictures.is_interlaced:
        yield "deinterlace"
    if wrapping.rotation or wrapping.is_mirrored:
        yield "rotate"
    if pictures.sample_aspect != 1:
        yield "square"
    if sorted((made.columns, made.rows)) != sorted((pictures.columns, pictures.rows)):
        yield "scale"
    if not facts.scan.timing.is_constant or made.rate != facts.rate:
        yield "rate"
    if pictures.chroma is not Chroma.HALF or pictures.bits != 8:
        yield "420"


def _encoded_syntax(made: Shape) -> str:
    if made.is_hevc:
        return syntaxes.HEVC_MAIN_51
    return syntaxes.H264_HIGH_41 if made.level <= 41 else syntaxes.H264_HIGH_42
