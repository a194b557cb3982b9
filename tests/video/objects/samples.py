"""Streams and metadata as conversions have them, and files of them: the bytes of the stream are of no meaning here."""

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path as File
from struct import pack
from typing import Any

from apps.video.conversion.outcome import Stream
from apps.video.conversion.plan import Path, Plan, SoundPlan
from apps.video.objects.attributes import dataset
from apps.video.objects.head import head
from apps.video.objects.metadata import (
    Code,
    Equipment,
    Laterality,
    Metadata,
    Patient,
    Requested,
    Series,
    Sex,
    Study,
    Synchronization,
)

ROOT = "1.2.840.10008.1.2.4."
SIZE = 1001


def stream(syntax: str = "102", path: Path = Path.REMUX, **changes: Any) -> Stream:
    """A film of 60 pictures, two seconds of 320 x 240; `changes` are of the plan, or of the stream."""
    of_plan = {
        name: changes.pop(name) for name in tuple(changes) if name in Plan.__dataclass_fields__ and name != "sound"
    }
    values: dict[str, Any] = {"columns": 320, "rows": 240, "rate": Fraction(30), "sound": SoundPlan.NONE, "reasons": ()}
    plan = Plan(path=path, transfer_syntax_uid=ROOT + syntax, **{**values, **of_plan})
    held = {"size": SIZE, "frames": 60, "seconds": 2.0, "source_bytes": 2 * SIZE, **changes}
    return Stream(file=File("-"), plan=plan, **held)


def full(**changes: Any) -> Metadata:
    """Metadata that says all there is to say."""
    patient = Patient("P-1", "Clinic", "Müller^Jürgen", date(1970, 1, 31), Sex.MALE)
    study = Study(
        id="S1",
        accession_number="A1",
        description="Gastroscopy",
        referring_physician="Doe^Jane",
        procedures=(Code("386718000", "SCT", "Upper gastrointestinal endoscopy"),),
    )
    values: dict[str, Any] = {
        "seed": "job/sha",
        "patient": patient,
        "study": study,
        "series": Series(number=2, description="Camera 1", protocol="P", body_part="STOMACH", operators=("A^B", "C^D")),
        "equipment": Equipment("Maker", "Tower 5", "123", "1.0", "ROOM2", "Clinic", "Endoscopy"),
        "requested": Requested("RP1", "Look", "SPS1", "Step", performed_step_uid="1.2.3.4", study_uid="1.2.3"),
        "laterality": Laterality.LEFT,
        "acquired": datetime(2026, 11, 22, 9, 30, 0, 250000, tzinfo=UTC),
        "synchronization": Synchronization("1.2.3.5", is_time_synchronized=True, time_source="NTP1", protocol="NTP"),
    }
    return Metadata(**{**values, **changes})


def write(target: File, metadata: Metadata, made: Stream) -> File:
    """A DICOM file of it; the stream's bytes are zeros."""
    pieces = [length + length % 2 for _, length in made.spans] or [made.size + made.size % 2]
    items = b"".join(pack("<HHL", 0xFFFE, 0xE000, length) + bytes(length) for length in pieces)
    pixels = pack("<HH2s2xL", 0x7FE0, 0x0010, b"OB", 0xFFFFFFFF) + pack("<HHL", 0xFFFE, 0xE000, 0) + items
    target.write_bytes(head(dataset(metadata, made), made) + pixels + pack("<HHL", 0xFFFE, 0xE0DD, 0))
    return target
