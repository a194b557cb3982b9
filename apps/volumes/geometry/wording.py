"""What flags and reasons mean, and what to do about them, in plain words."""

from collections.abc import Callable
from typing import Final

from apps.saying import Sentence, say, say_count
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.stacks import Reason

_FLAGS: Final[dict[Flag, Sentence]] = {
    Flag.GANTRY_TILT: say(
        "The gantry was tilted: the slices are sheared against each other. Planes are corrected for it."
    ),
    Flag.LOCALIZER_LEFT_OUT: say("The series holds a localizer; it isn't part of the volume."),
    Flag.MIXED_KERNELS: say("The series was reconstructed with several kernels; each has a volume of its own."),
    Flag.MIXED_ORIENTATIONS: say("The series has images in several directions; each has a volume of its own."),
    Flag.MIXED_MATRICES: say("The series has images of several sizes; each size has a volume of its own."),
    Flag.TEMPORAL_POSITIONS: say("The series shows several moments; each has a volume of its own."),
    Flag.OTHER_STACKS: say("The series holds images of several kinds; each kind has a volume of its own."),
    Flag.UNEVEN_SPACING: say(
        "The slices aren't evenly spaced. Planes go by where each slice lies; don't measure across them."
    ),
    Flag.MISSING_SLICES: say(
        "Slices are missing. Nothing is shown where they would be; don't measure across the gap. "
        "See whether the series arrived completely."
    ),
    Flag.DUPLICATE_POSITIONS: say(
        "Several images lie in the same place, and nothing says which is the right one. They are in separate volumes; "
        "don't measure in them before you know what each of them is."
    ),
    Flag.OVERLAPPING: say("The slices are thicker than the step from one to the next: they overlap."),
    Flag.SHIFTED_SLICES: say(
        "Slices are shifted sideways against each other. Planes across them are distorted; don't measure in them."
    ),
    Flag.UNCALIBRATED: say(
        "The images don't say how large their pixels are. Planes are drawn as if each were 1 mm wide; "
        "don't measure in them."
    ),
    Flag.LOSSY: say("The images were compressed with loss; don't measure values in them."),
    Flag.NO_FRAME_OF_REFERENCE: say(
        "The images don't say that they share a frame of reference; the patient may have moved between them. "
        "Don't measure in the volume."
    ),
}

_REASONS: Final[dict[Reason, Callable[[int], Sentence]]] = {
    Reason.TOO_FEW: lambda count: say_count(
        "{count} image is by itself; a volume takes two at least.",
        "{count} images are by themselves; a volume takes two at least.",
        count,
    ),
    Reason.TOO_MANY: lambda count: say_count(
        "{count} image is beyond what one volume may hold.",
        "{count} images are beyond what one volume may hold. Ask who runs this server for a higher limit.",
        count,
    ),
    Reason.TOO_LARGE: lambda count: say_count(
        "{count} image takes more memory than one volume may.",
        "{count} images take more memory than one volume may. Ask who runs this server for a higher limit.",
        count,
    ),
    Reason.COLOUR: lambda count: say_count(
        "{count} image is in colour, or marks pixels: it has no grey values.",
        "{count} images are in colour, or mark pixels: they have no grey values.",
        count,
    ),
    Reason.NO_GEOMETRY: lambda count: say_count(
        "{count} image doesn't say, or not sensibly, where it lies in the patient.",
        "{count} images don't say, or not sensibly, where they lie in the patient.",
        count,
    ),
    Reason.LOCALIZER: lambda count: say_count("{count} image is a localizer.", "{count} images are localizers.", count),
    Reason.NOT_PARALLEL: lambda count: say_count(
        "{count} image isn't parallel to any other.", "{count} images aren't parallel to any other.", count
    ),
    Reason.NO_PIXELS: lambda count: say_count("{count} object has no image.", "{count} objects have no image.", count),
}


def flag_text(flag: Flag) -> Sentence:
    """What a flag means for who looks at the volume, and measures in it."""
    return _FLAGS[flag]


def reason_text(reason: Reason, count: int) -> Sentence:
    """Why so many images are in no volume."""
    return _REASONS[reason](count)
