"""Structured reports and other documents for the tests, made in code."""

from typing import Any

from pydicom.dataset import Dataset

from tests import dicoms

ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"


def code(meaning: str, value: str = "1", scheme: str = "99TEST") -> Dataset:
    return _dataset(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def item(value_type: str, name: str, relationship: str = "CONTAINS", **elements: Any) -> Dataset:
    """One content item (PS3.3 C.17.3)."""
    return _dataset(
        RelationshipType=relationship, ValueType=value_type, ConceptNameCodeSequence=[code(name)], **elements
    )


def number(name: str, value: str, unit: str) -> Dataset:
    measured = _dataset(NumericValue=value, MeasurementUnitsCodeSequence=[code(f"{unit} in words", unit, "UCUM")])
    return item("NUM", name, MeasuredValueSequence=[measured])


def image(sop_instance_uid: str, *, frame: int | None = None, name: str = "Source") -> Dataset:
    reference = _dataset(ReferencedSOPClassUID=dicoms.CTImageStorage, ReferencedSOPInstanceUID=sop_instance_uid)
    if frame is not None:
        reference.ReferencedFrameNumber = frame
    return item("IMAGE", name, ReferencedSOPSequence=[reference])


def report(*content: Dataset, title: str = "Findings", sop_class: str = ENHANCED_SR, **overrides: Any) -> bytes:
    """A report of the patient and study that the other builders use; it names the first CT slice as evidence."""
    evidence = _dataset(ReferencedSOPClassUID=dicoms.CTImageStorage, ReferencedSOPInstanceUID=dicoms.uid(1, 1, 1))
    series = _dataset(SeriesInstanceUID=dicoms.SERIES_UID, ReferencedSOPSequence=[evidence])
    study = _dataset(StudyInstanceUID=dicoms.STUDY_UID, ReferencedSeriesSequence=[series])
    elements: dict[str, Any] = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": dicoms.uid(1, 9, 1),
        "SeriesInstanceUID": dicoms.uid(1, 9),
        "StudyInstanceUID": dicoms.STUDY_UID,
        "Modality": "SR",
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": "Doe^Jane",
        "PatientID": "P1",
        "StudyDate": "20240229",
        "ContentDate": "20240301",
        "ContentTime": "101530",
        "CompletionFlag": "COMPLETE",
        "CurrentRequestedProcedureEvidenceSequence": [study],
        "ValueType": "CONTAINER",
        "ConceptNameCodeSequence": [code(title)],
        "ContentSequence": list(content),
    }
    return dicoms.part10(_dataset(**(elements | overrides)))


def document(sop_class: str, content: bytes, **overrides: Any) -> bytes:
    """An encapsulated document of any class."""
    elements = {"SOPClassUID": sop_class, "EncapsulatedDocument": content, "EncapsulatedDocumentLength": len(content)}
    return dicoms.encapsulated_pdf(**(elements | overrides))


def _dataset(**elements: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset
