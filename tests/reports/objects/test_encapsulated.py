"""A report's PDF as an object."""

import io
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from apps.measurements.writing.documents import Evidence
from apps.reports.objects.encapsulated import encapsulated_pdf
from apps.reports.objects.referring import referred
from tests import dicoms
from tests.reports.objects import documents
from tests.reports.objects.documents import DOCUMENT, SERIES
from tests.video.objects.validator import errors

BEFORE = Evidence(dicoms.STUDY_UID, dicoms.uid(7, 0), "1.2.840.10008.5.1.4.1.1.104.1", dicoms.uid(7, 0, 1))


def written(pdf: bytes) -> bytes:
    sources = referred(DOCUMENT)
    return encapsulated_pdf(pdf, DOCUMENT, documents.header(), series=SERIES, sources=sources, predecessors=[BEFORE])


@pytest.mark.parametrize("pdf", [b"%PDF-1.7\n%%EOF\n", b"%PDF-1.7\n%%EOF"], ids=["odd", "even"])
def test_the_pdf_comes_back_byte_for_byte(pdf: bytes) -> None:
    found = pydicom.dcmread(io.BytesIO(written(pdf)))
    assert found.EncapsulatedDocument[: found.EncapsulatedDocumentLength] == pdf
    assert len(found.EncapsulatedDocument) == len(pdf) + len(pdf) % 2


def test_dciodvfy_finds_no_error(tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(written(b"%PDF-1.7\n%%EOF"))
    assert errors(path) == []


def test_it_says_what_it_is() -> None:
    found = pydicom.dcmread(io.BytesIO(written(b"%PDF-1.7")))
    assert (found.Modality, found.DocumentTitle, found.BurnedInAnnotation) == ("DOC", "CT of the chest", "YES")
    assert (found.MIMETypeOfEncapsulatedDocument, found.VerificationFlag) == ("application/pdf", "VERIFIED")
    assert (found.ContentDate, found.ConceptNameCodeSequence[0].CodeValue) == ("20260301", "24627-2")
    named = {each.ReferencedSOPInstanceUID for each in found.SourceInstanceSequence}
    assert named == {documents.SLICE.sop_instance_uid, documents.PRIOR.sop_instance_uid, documents.MEASURING}


def test_what_is_no_pdf_or_not_signed_is_refused() -> None:
    with pytest.raises(ValueError, match="PDF"):
        written(b"<html>")
    with pytest.raises(ValueError, match="signed"):
        encapsulated_pdf(b"%PDF-", replace(DOCUMENT, signed=None), documents.header(), series=SERIES)
