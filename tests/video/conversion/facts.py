"""Facts of files that don't exist, each made of a conformant one by what differs."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from apps.video.conversion.deciding import decide
from apps.video.conversion.plan import Plan
from apps.video.conversion.policy import Policy
from apps.video.streams.damage import Damage
from apps.video.streams.facts import Chroma, EditList, Pictures, Probe, Scan, Sound, Timing, Wrapping

PICTURES = Pictures(
    codec="h264",
    profile=100,
    level=41,
    constraints=0,
    columns=1280,
    rows=720,
    chroma=Chroma.HALF,
    bits=8,
    sample_aspect=Fraction(1),
    is_interlaced=False,
    rate=Fraction(30),
)
WRAPPING = Wrapping(
    format="mp4",
    size=1 << 20,
    duration=Fraction(60),
    is_head_first=True,
    is_fragmented=False,
    edit_list=EditList.NONE,
    rotation=0,
    is_mirrored=False,
    other_streams=0,
    metadata=(),
    brand="isom",
)
TIMING = Timing(Fraction(30), True, Fraction(0), Fraction(60))
SCAN = Scan(
    packets=1800,
    frames=1800,
    timing=TIMING,
    key_times=(Fraction(0),),
    bytes=1 << 20,
    peak_bits=1 << 20,
    longest_group=30,
    needed_level=31,
)
AAC = Sound("aac", 48_000, 2, 128_000, "LC")
CLEAN = Damage(1800, 0, 0, "")


def probe(*, sounds: tuple[Sound, ...] = (), **changes: Any) -> Probe:
    """A probe; each change is one of the pictures or of the container."""
    of_wrapping = {name: changes.pop(name) for name in tuple(changes) if name in Wrapping.__dataclass_fields__}
    wrapping, pictures = replace(WRAPPING, **of_wrapping), replace(PICTURES, **changes)
    return Probe(wrapping, pictures, 0, sounds, 1 if sounds else None)


def scan(**changes: Any) -> Scan:
    """A scan; each change is one of it or of its timing."""
    of_timing = {name: changes.pop(name) for name in tuple(changes) if name in Timing.__dataclass_fields__}
    return replace(SCAN, timing=replace(TIMING, **of_timing), **changes)


def plan(policy: Policy | None = None, *, of: Probe | None = None, scanned: Scan | None = None, **changes: Any) -> Plan:
    """What is decided on a file, which differs from a conformant one by `changes` of its probe."""
    damage = changes.pop("damage", None)
    return decide(of or probe(**changes), scanned or scan(), damage, policy or Policy())


def varying(count: int, rate: Fraction = Fraction(30)) -> Scan:
    """Pictures at varying times, most of them at `rate`."""
    usual = float(1000 / rate)
    intervals = (0.0, *(usual * (3 if number % 7 == 0 else 1) for number in range(1, count)))
    return scan(is_constant=False, rate=Fraction(25), intervals=intervals, frames=count, packets=count)
