"""A template of the practice's own with a field of each kind: tests of the page don't hang on what is shipped."""

from typing import Final

from apps.dicom.sr_tree import Code
from apps.reports.content.structure import Field, FieldKind, Note, Option, Section, Structure
from apps.reports.mrrt.writing import source_of

FINDINGS: Final = Code("Findings", "121070", "DCM")
IMPRESSIONS: Final = Code("Impressions", "121072", "DCM")
INDICATION: Final = Code("Indications for Procedure", "121109", "DCM")
TITLE: Final = "Head for the tests"
NORMAL: Final = "No haemorrhage.\nNo fracture."
QUALITIES: Final = tuple(Option(each.lower(), each) for each in ("Good", "Limited", "Poor"))
SIDES: Final = (Option("l", "Left"), Option("r", "Right"))

STRUCTURE: Final = Structure(
    identifier="tests.browser.head",
    title=TITLE,
    language="en",
    modalities=("CT",),
    sections=(
        Section(
            "indication", "Indication", INDICATION,
            (Field("question", FieldKind.TEXT, "Clinical question", is_required=True),),
        ),
        Section(
            "technique", "Technique", Code("Current Procedure Descriptions", "121064", "DCM"),
            (
                Field("performed", FieldKind.DATE, "Performed on", fill="study.date"),
                Field("name", FieldKind.TEXT, "Patient", fill="patient.name"),
                Field("images", FieldKind.NUMBER, "Images", fill="study.instanceCount", least=0, most=10_000),
                Field("contrast", FieldKind.CHECK, "Contrast medium"),
            ),
        ),
        Section(
            "findings", "Findings", FINDINGS,
            (
                Note("Compared with what there was."),
                Field("quality", FieldKind.CHOICE, "Quality", options=QUALITIES),
                Field("sides", FieldKind.CHOICES, "Sides", default=(), options=SIDES),
                Field("text", FieldKind.LONG_TEXT, "Findings", default=NORMAL, lines=4),
            ),
        ),
        Section(
            "impression", "Impression", IMPRESSIONS,
            (Field("summary", FieldKind.LONG_TEXT, "Impression", is_required=True),),
        ),
    ),
)  # fmt: skip


def source() -> str:
    """The template as MRRT."""
    return source_of(STRUCTURE)
