"""Documents to be printed: in each language, long ones, and what strangers may put into them."""

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.document import Document, Examination, Measured, Passage, Past, Person, Signed, Statement

MM: Final = Code("millimeter", "mm", "UCUM")
HU: Final = Code("Hounsfield unit", "[hnsf'U]", "UCUM")
LENGTH: Final = Code("Length", "410668003", "SCT")
BRAIN: Final = Code("Brain", "12738006", "SCT")
ADDRESS: Final = "https://pacs.example/reports/verify/3f6a9c2e7b10"

# By language: the title, and (heading, label, text) of each section.
TEXTS: Final[dict[str, tuple[str, tuple[tuple[str, str, str], ...]]]] = {
    language: (said["title"], tuple((heading, label, text) for heading, label, text in said["sections"]))
    for language, said in json.loads(Path(__file__).with_name("texts.json").read_text(encoding="utf-8")).items()
}
NAMES: Final = {"en": "Doe^Jane", "fr": "Lefèvre^Hélène", "es": "Núñez^María José", "zh-hans": "Wang^Xiaodong=王^小东"}


def measured(label: str = "Lesion, long axis", value: float = 12.0) -> Measured:
    """A length with two earlier values."""
    earlier = (Past("20250910", 8.5), Past("20260301", 10.0))
    return Measured(
        label, LENGTH, value, MM, site=BRAIN, is_verified=True, earlier=earlier, change=20.0, tracking_uid="2.25.1"
    )


def document(language: str = "en", status: str = "final") -> Document:
    """A document of a CT of a head with measurements; signed where its status is final or amended."""
    title, sections = TEXTS[language]
    made = Document(
        title=title,
        language=language,
        status=status,
        practice="Praxis Lindenhof",
        author="Weber^Anna^^Dr.",
        patient=Person(NAMES[language], "PID-4711", birth_date="19640229", sex="F"),
        examination=Examination(
            "1.2.3.4", "20261102", "101530", "CT Head", "A-2026-118", ("CT",), "Martin^Paul^^Dr.", "HEAD"
        ),
        passages=tuple(Passage(heading, NO_CODE, (Statement(label, text),)) for heading, label, text in sections),
        measurements=(
            measured(),
            Measured("Mean attenuation", Code("Attenuation"), 62.25, HU),
            Measured("Count", Code("Count"), 3, NO_CODE, is_verified=True),
        ),
        template="fovea.ct 1",
        report_id=7,
    )
    return signed(made) if status in ("final", "amended") else made


def signed(made: Document) -> Document:
    number, reason = (2, "The side was wrong.") if made.status == "amended" else (1, "")
    return replace(
        made,
        signed=Signed(
            "Weber^Anna^^Dr.", "MD, consultant radiologist", "2026-11-02T14:05:09.123456+01:00", made.digest(), number,
            reason, "3f6a9c2e7b10",
        ),
    )  # fmt: skip


def long_document(paragraphs: int) -> Document:
    """One section of so many paragraphs of 400 characters."""
    lines = "\n".join("The liver is of normal size and homogeneous. " * 9 for _ in range(paragraphs))
    return replace(document(), passages=(Passage("Findings", NO_CODE, (Statement("", lines),)),))


def picture(width: int = 640, height: int = 480) -> bytes:
    """A gradient as a JPEG file."""
    return _jpeg(Image.linear_gradient("L").resize((width, height)))


def logo() -> bytes:
    """A disc on white as a JPEG file."""
    drawn = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(drawn).ellipse((20, 20, 180, 180), fill="#1f4e79")
    ImageDraw.Draw(drawn).ellipse((70, 70, 130, 130), fill="white")
    return _jpeg(drawn)


def _jpeg(image: Image.Image) -> bytes:
    data = BytesIO()
    image.save(data, "JPEG", quality=90)
    return data.getvalue()
