"""What a decision rests on, and the two answers to whether coded pictures can stay."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from apps.saying import Sentence
from apps.video.conversion.policy import Policy, Sound
from apps.video.streams.facts import Pictures, Probe, Scan

if TYPE_CHECKING:
    from apps.video.streams.damage import Damage

# Formats that are a stream only, without times.
BARE = ("h264", "hevc")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision rests on. `rate` is that of the pictures, or of most of them."""

    probe: Probe
    scan: Scan
    damage: "Damage | None"
    policy: Policy
    rate: Fraction

    @property
    def pictures(self) -> Pictures:
        return self.probe.pictures

    @property
    def has_kept_sound(self) -> bool:
        """Whether there is a sound, and it is wanted."""
        return bool(self.probe.sounds) and self.policy.sound is Sound.KEEP


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the coded pictures can't stay, and the step that helps; "" if encoding anew is all that it takes."""

    step: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Kept:
    """How the coded pictures could stay: the syntax, what an SPS would have to say (0: what it does), the container."""

    syntax: str
    container: str = "mp4"
    profile: int = 0
    level: int = 0
