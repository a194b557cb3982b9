"""Reports of measurements (PS3.16 TID 1500) for the tests, made item by item as OHIF lays them out."""

from collections.abc import Sequence
from typing import Any

from django.test import Client
from pydicom.dataset import Dataset

from apps.accounts.models import Practice
from apps.archive.models import Series
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from tests import dicoms, documents
from tests.dicomweb.archive import keep

COMPREHENSIVE_3D = "1.2.840.10008.5.1.4.1.1.88.34"
TOOLS = "Cornerstone3DTools@^0.1.0"
TRACKING = dicoms.uid(5, 1)
SLICE = dicoms.uid(1, 1, 1)
LIVER = Code("Liver", "10200004", "SCT")
# From the middle of pixel (10, 20) to that of (40, 60), by column and row: 50 mm in the CT slices of the tests.
LINE = (10.5, 20.5, 40.5, 60.5)


def coded(value_type: str, concept: Code, relationship: str = "CONTAINS", **elements: Any) -> Dataset:
    """A content item with its concept."""
    item = documents.item(value_type, concept.meaning, relationship, **elements)
    item.ConceptNameCodeSequence = [as_dataset(concept)]
    return item


def as_dataset(code: Code) -> Dataset:
    return documents.code(code.meaning, code.value, code.scheme)


def drawn(points: Sequence[float] = LINE, graphic: str = "POLYLINE", image: str = SLICE, frame: int = 0) -> Dataset:
    """What was drawn in an image: columns and rows by turns."""
    selected = documents.image(image, frame=frame or None)
    selected.RelationshipType = "SELECTED FROM"
    region = coded("SCOORD", concepts.IMAGE_REGION, "INFERRED FROM", GraphicType=graphic, ContentSequence=[selected])
    region.GraphicData = list(points)
    return region


def value(
    number: float = 50.0, concept: Code = concepts.LENGTH, unit: Code = concepts.MILLIMETRE, *inside: Dataset
) -> Dataset:
    """A number with what it was worked out of inside it, as OHIF has it."""
    measured = Dataset()
    measured.NumericValue, measured.FloatingPointValue = f"{number:.10g}", number
    measured.MeasurementUnitsCodeSequence = [as_dataset(unit)]
    item = coded("NUM", concept, MeasuredValueSequence=[measured])
    if inside:
        item.ContentSequence = list(inside)
    return item


def group(
    *values: Dataset, tool: str = "Length", tracking: str = TRACKING, label: str = "", site: Code | None = None
) -> Dataset:
    """A measurement group."""
    content = [
        coded("TEXT", concepts.TRACKING_IDENTIFIER, "HAS OBS CONTEXT", TextValue=f"{TOOLS}:{tool}"),
        coded("UIDREF", concepts.TRACKING_UID, "HAS OBS CONTEXT", UID=tracking),
    ]
    if label:
        content.append(coded("TEXT", concepts.COMMENT, TextValue=label))
    if site:
        content.append(coded("CODE", concepts.FINDING_SITE, "HAS CONCEPT MOD", ConceptCodeSequence=[as_dataset(site)]))
    return coded("CONTAINER", concepts.MEASUREMENT_GROUP, ContentSequence=[*content, *values])


def length(number: float = 50.0, **of_group: Any) -> Dataset:
    """A line that was measured in the first slice."""
    return group(value(number, concepts.LENGTH, concepts.MILLIMETRE, drawn()), **of_group)


def report(*groups: Dataset, number: int = 1, study: str = dicoms.STUDY_UID, **overrides: Any) -> bytes:
    """A report with these groups, by a person; `number` gives its UIDs."""
    observer = coded("PNAME", concepts.PERSON_NAME, "HAS OBS CONTEXT", PersonName="Ray^Xavier")
    measured = coded("CONTAINER", concepts.IMAGING_MEASUREMENTS, ContentSequence=list(groups))
    uids = {
        "StudyInstanceUID": study,
        "SeriesInstanceUID": f"{study}.9.{number}",
        "SOPInstanceUID": f"{study}.9.{number}.1",
    }
    title = {"ConceptNameCodeSequence": [as_dataset(concepts.MEASUREMENT_REPORT)]}
    return documents.report(observer, measured, sop_class=COMPREHENSIVE_3D, **(title | uids | overrides))


def verified(name: str = "Ray^Xavier") -> dict[str, Any]:
    """What a verified document says of that (PS3.3 C.17.2)."""
    observer = Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = name, "Practice"
    observer.VerificationDateTime = "20240301120000"
    return {"VerificationFlag": "VERIFIED", "VerifyingObserverSequence": [observer]}


def instead_of(sop_instance_uid: str, study: str = dicoms.STUDY_UID) -> dict[str, Any]:
    """The Predecessor Documents Sequence that names one report."""
    reference, series, of_study = Dataset(), Dataset(), Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = COMPREHENSIVE_3D, sop_instance_uid
    series.SeriesInstanceUID, series.ReferencedSOPSequence = f"{study}.9.1", [reference]
    of_study.StudyInstanceUID, of_study.ReferencedSeriesSequence = study, [series]
    return {"PredecessorDocumentsSequence": [of_study]}


def store(practice: Practice, *objects: bytes) -> list[Series]:
    """Store these; the series of reports that the practice has then."""
    keep(practice, *objects)
    of_reports = Series.objects.filter(study__practice=practice, modality="SR")
    return list(of_reports.select_related("study").order_by("pk"))


def listed(client: Client, **parameters: Any) -> Any:
    """The rows that the API gives."""
    answer = client.get("/api/measurements", parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]
