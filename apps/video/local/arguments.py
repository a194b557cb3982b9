"""What may be said of films at a terminal: the fields of the REST API's form, as options."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from apps.core.serializers import camel
from apps.video.conversion.policy import Hevc, Interlace, Mjpeg, Sound, Speed, Timing
from apps.video.objects.presets import PRESETS

WHAT: Final = {
    "preset": ("The specialty: what the film is of.", tuple(PRESETS)),
    "modality": ("Instead of the preset's.", ()),
    "laterality": ("Which side is seen.", ("R", "L", "B", "U")),
    "acquired": ("When it was recorded, such as 2026-11-22T09:30:00+01:00.", ()),
    "patient_id": ("Patient ID.", ()),
    "patient_name": ("Patient's name, such as Doe^Jane.", ()),
    "patient_birth_date": ("Such as 1970-01-31.", ()),
    "patient_sex": ("Patient's sex.", ("M", "F", "O")),
    "accession_number": ("Films with the same one make one study.", ()),
    "study_description": ("What was done.", ()),
    "series_description": ("Which camera, say.", ()),
    "manufacturer": ("Of the device that recorded it; with the model it chooses a mask template.", ()),
    "model": ("Of the device that recorded it.", ()),
    "comments": ("Comments on the film.", ()),
    "step": ("The number of a scheduled step: whose film it is.", ()),
    "appointment": ("The number of an appointment: whose film it is.", ()),
    "lead": ("The number of a lead: whose film it is.", ()),
    "masks": ("The number of a mask template.", ()),
}
HOW: Final = {
    "sound": ("Whether the sound is kept.", tuple(map(str, Sound))),
    "hevc": ("What becomes of HEVC.", tuple(map(str, Hevc))),
    "mjpeg": ("What becomes of Motion JPEG.", tuple(map(str, Mjpeg))),
    "interlace": ("Whether fields become whole pictures.", tuple(map(str, Interlace))),
    "timing": ("What becomes of a varying rate.", tuple(map(str, Timing))),
    "speed": ("How thoroughly is encoded.", tuple(map(str, Speed))),
    "rate": ("Pictures a second, for films that don't say it: 25 or 30000/1001.", ()),
}


def add_to(parser: ArgumentParser) -> None:
    """Options for what films are and how they are converted."""
    for title, options in (("what the films are", WHAT), ("how they are converted", HOW)):
        group = parser.add_argument_group(title)
        for name, (text, choices) in options.items():
            group.add_argument(f"--{name.replace('_', '-')}", choices=choices or None, help=text)
    group.add_argument("--keep-4k", action="store_const", const=True, help="Keep 4K, as HEVC.")


def said(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as the fields of the form; nothing of what was not."""
    return {camel(name): options[name] for name in (*WHAT, *HOW, "keep_4k") if options.get(name) is not None}


def existing_file(text: str) -> Path:
    """A file's path. Raises ArgumentTypeError where there is none."""
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"there is no file {text}")
    return path
