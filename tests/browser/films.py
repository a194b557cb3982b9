"""A study of several videos, each of another class or coding, converted as uploads are: of pictures that move."""

from pathlib import Path
from tempfile import TemporaryDirectory

from apps.video.conversion.converting import convert
from apps.video.objects.metadata import Metadata, Patient, Series, Study
from tests import dicoms
from tests.video.clips import clip

RATE = 10
PICTURES = 30
STUDY = dicoms.uid(30)
# By the series' number: the speciality, which decides on the SOP class, and how the pictures are coded.
FILMS = {
    1: ("endoscopy", "libx264"),
    2: ("microscopy", "libx264"),
    3: ("photography", "libx264"),
    4: ("photography", "mjpeg"),
    5: ("endoscopy", "mjpeg"),
    6: ("ultrasound", "libx264"),
    7: ("photography", "libx265"),
}
STREAMS = (1, 2, 3)
MOTION_JPEG = (4, 5)
# What viewers don't look for videos among, and what browsers don't play: after frames, in the same viewport.
OTHERS = (6, 7)


def series_of(number: int) -> str:
    """The UID of a film's series."""
    return dicoms.uid(30, number)


def files() -> list[bytes]:
    """The objects, a series each."""
    with TemporaryDirectory() as folder:
        return [_object(Path(folder) / f"{number}.dcm", number, *how) for number, how in FILMS.items()]


def _object(target: Path, number: int, preset: str, codec: str) -> bytes:
    motion_jpeg = {"pixel_format": "yuvj420p"} if codec == "mjpeg" else {}
    source = clip("film.avi" if motion_jpeg else "film.mp4", codec=codec, rate=RATE, frames=PICTURES, **motion_jpeg)
    described = Metadata(
        preset=preset,
        patient=Patient(id="FILM-1", name="Films^Fiona"),
        study=Study(uid=STUDY),
        series=Series(uid=series_of(number), number=number, description=f"Film {number}"),
        seed=f"film {number}",
    )
    convert(source, target, described)
    return target.read_bytes()
