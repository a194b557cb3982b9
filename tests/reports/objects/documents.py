"""Signed documents for the tests, made in code."""

from dataclasses import replace
from typing import Any

from apps.dicom.reader import read
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from apps.measurements.writing.documents import Evidence, ReportSeries
from apps.measurements.writing.sr import COMPREHENSIVE
from apps.reports.content.document import Document, Examination, Measured, Passage, Person, Signed, Statement
from apps.reports.content.entries import KeyImage
from tests import dicoms

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
MEASURING = dicoms.uid(1, 9, 1)
TRACKING = dicoms.uid(5, 1)
SIZE = Code("Size of nodule", "246120007", "SCT")
SERIES = ReportSeries(dicoms.uid(7, 1), dicoms.uid(7, 1, 1), "CT of the chest", 9500)
SLICE = KeyImage(dicoms.STUDY_UID, dicoms.SERIES_UID, CT, dicoms.uid(1, 1, 1), caption="Nodule of the right lung")
PRIOR = KeyImage("1.2.3", "1.2.3.1", ENHANCED_CT, "1.2.3.1.1", frame=7)
IMAGES = [Evidence(dicoms.STUDY_UID, dicoms.SERIES_UID, CT, dicoms.uid(1, 1, number)) for number in (1, 2, 3)]
FINDINGS = Passage(
    "Findings",
    Code("Findings", "59776-5", "LN"),
    (
        Statement("Findings", "Clear.\nNo effusion."),
        Statement("Nodule", "12.5 mm", SIZE, number=12.5, unit=concepts.MILLIMETRE),
        Statement("Count", "3", Code("Number of nodules", "C1", "99X"), number=3.0),
        Statement(
            "Margin", "Spiculated", Code("Margin", "129737002", "SCT"), (Code("Spiculated", "129742005", "SCT"),)
        ),
        Statement("Contrast", "Given", codes=(Code("Yes", "373066001", "SCT"),)),
    ),
    (Passage("Liver", statements=(Statement("Size", "15 cm"), Statement("Liver", "Normal."))),),
)
IMPRESSION = Passage("Impression", Code("Impressions", "19005-8", "LN"), (Statement("Impression", "A nodule."),))
OWN = Passage("Bones & teeth", statements=(Statement("Bones", "Intact."),))
LENGTH = Measured(
    "Nodule", concepts.LENGTH, 12.5, concepts.MILLIMETRE, finding=concepts.LESION, tracking_uid=TRACKING,
    tracking_identifier="Cornerstone3DTools@^0.1.0:Length", report_uid=MEASURING, report_class_uid=COMPREHENSIVE,
    report_series_uid=dicoms.uid(1, 9), group=1, number=1,
)  # fmt: skip
WIDTH = replace(LENGTH, concept=concepts.SHORT_AXIS, value=1 / 3, number=2)
MEAN = Measured(
    "Liver", concepts.ATTENUATION, -40.5, concepts.HOUNSFIELD, derivation=concepts.MEAN,
    site=Code("Liver", "10200004", "SCT"),
)  # fmt: skip
DOCUMENT = Document(
    title="CT of the chest",
    language="en",
    status="final",
    practice="Praxis",
    author="Ray^Xavier",
    patient=Person("Doe^Jane", "P1"),
    examination=Examination(dicoms.STUDY_UID, "20240229"),
    passages=(FINDINGS, IMPRESSION, OWN),
    measurements=(LENGTH, WIDTH, MEAN),
    key_images=(SLICE, PRIOR),
    code=Code("CT Chest Report", "24627-2", "LN"),
    procedures=(Code("CT of chest", "169069000", "SCT"),),
    signed=Signed("Sign^Ada^^Dr", "MD", "2026-03-01T10:15:30+01:00", "0" * 64),
)


def header(**overrides: Any) -> dict[str, Any]:
    """The header of the CT slice that the documents show, in DICOM JSON."""
    return read(dicoms.ct_slice(SpecificCharacterSet="ISO_IR 192", **overrides)).attributes


def header_of(file: bytes) -> dict[str, Any]:
    return read(file).attributes
