"""A signed report's PDF as an object (Encapsulated PDF, PS3.3 A.45.1); pure, and the same of the same."""

from collections.abc import Iterable
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from apps.dicom.attributes import Attributes
from apps.measurements.writing.documents import Evidence, ReportSeries, begun, hierarchy, reference, written
from apps.measurements.writing.items import coded
from apps.reports.content.document import Document
from apps.reports.objects.naming import moment_of, signed_of, title_of
from apps.reports.objects.sr import CONTRIBUTION

SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.104.1"
MIME_TYPE: Final = "application/pdf"


def encapsulated_pdf(
    pdf: bytes,
    document: Document,
    header: Attributes,
    *,
    series: ReportSeries,
    sources: Iterable[Evidence] = (),
    predecessors: Iterable[Evidence] = (),
) -> bytes:
    """The file (PS3.10) that holds a PDF as it is: byte for byte, and one more of padding where its length is odd.

    `header` is that of an object of the study as it leaves the archive (DICOM JSON). `sources` are the objects that the
    PDF shows or quotes (Source Instance Sequence), `predecessors` those that it takes the place of. Raises ValueError
    for what is no PDF, and for a document that is not signed.
    """
    if not pdf.startswith(b"%PDF-"):
        raise ValueError("This is no PDF.")
    made = begun(header, series, "DOC", CONTRIBUTION)
    made.SOPClassUID = SOP_CLASS
    # Of documents' series it is asked for where there is one alone (C.24.1), unlike of structured reports'.
    del made.ReferencedPerformedProcedureStepSequence
    # Secondary Capture Equipment (C.8.6.1): it was made on a workstation.
    made.ConversionType = "WSD"
    _described(made, document)
    if named := dict.fromkeys((each.sop_class_uid, each.sop_instance_uid) for each in sources):
        made.SourceInstanceSequence = Items(reference(*each) for each in named)
    if before := list(predecessors):
        made.PredecessorDocumentsSequence = hierarchy(before)
    made.MIMETypeOfEncapsulatedDocument = MIME_TYPE
    made.EncapsulatedDocument, made.EncapsulatedDocumentLength = pdf + b"\0" * (len(pdf) % 2), len(pdf)
    return written(made)


def _described(made: Dataset, document: Document) -> None:
    """Encapsulated Document (C.24.2), without the document."""
    signed = signed_of(document)
    moment = moment_of(signed, made)
    made.InstanceNumber = signed.number
    made.ContentDate, made.ContentTime = moment.date, moment.time
    made.AcquisitionDateTime = ""
    # The patient's name stands on each page.
    made.BurnedInAnnotation = "YES"
    made.DocumentTitle, made.ConceptNameCodeSequence = document.title[:1024], coded(title_of(document))
    made.VerificationFlag = "VERIFIED"
