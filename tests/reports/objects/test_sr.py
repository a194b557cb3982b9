"""A signed report as a Comprehensive SR: what it says, by which template, and that others read it."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from apps.dicom.sr_tree import Code
from apps.measurements.content.reading import report_of
from apps.measurements.writing.documents import Evidence
from apps.reports.content.document import Document, Passage, Statement
from apps.reports.objects.sr import report_sr
from tests import dicoms
from tests.reports.objects import documents
from tests.reports.objects.documents import DOCUMENT, FINDINGS, IMAGES, MEASURING, SERIES
from tests.reports.objects.template import violations
from tests.video.objects.validator import errors

BEFORE = Evidence(dicoms.STUDY_UID, dicoms.uid(7, 0), documents.COMPREHENSIVE, dicoms.uid(7, 0, 1))


def written(document: Document = DOCUMENT, **options: Any) -> bytes:
    return report_sr(document, documents.header(), series=SERIES, evidence=IMAGES, **options)


def parsed(document: Document = DOCUMENT, **options: Any) -> Dataset:
    return pydicom.dcmread(io.BytesIO(written(document, **options)))


def below(item: Dataset, meaning: str) -> list[Dataset]:
    """The items right below that are called so."""
    return [each for each in item.ContentSequence if each.ConceptNameCodeSequence[0].CodeMeaning == meaning]


def texts(item: Dataset, meaning: str) -> list[str]:
    return [each.TextValue for each in below(item, meaning)]


def test_it_follows_its_template() -> None:
    assert list(violations(parsed())) == []


def test_the_validator_finds_what_is_wrong() -> None:
    report = parsed()
    report.ContentTemplateSequence[0].TemplateIdentifier = "1500"
    del report.ContentSequence[1]
    below(report, "Findings")[0].ContentSequence[0].RelationshipType = "HAS PROPERTIES"
    assert len(list(violations(report))) == 3


@pytest.mark.parametrize(
    "document",
    [DOCUMENT, replace(DOCUMENT, passages=(), measurements=(), key_images=(), procedures=(), author="", practice="")],
    ids=["full", "bare"],
)
def test_dciodvfy_finds_no_error(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(written(document, predecessors=[BEFORE]))
    assert errors(path) == []


def test_it_is_complete_verified_and_final() -> None:
    report = parsed()
    assert (report.CompletionFlag, report.VerificationFlag, report.PreliminaryFlag) == ("COMPLETE", "VERIFIED", "FINAL")
    (verifier,) = report.VerifyingObserverSequence
    assert (verifier.VerifyingObserverName, verifier.VerifyingOrganization) == ("Sign^Ada^^Dr", "Praxis")
    assert verifier.VerificationDateTime == "20260301101530+0100"
    assert (report.ContentDate, report.ContentTime) == ("20260301", "101530")
    assert (report.PatientID, report.StudyInstanceUID, report.Modality) == ("P1", dicoms.STUDY_UID, "SR")


def test_the_time_is_by_the_clock_of_the_study() -> None:
    file = report_sr(DOCUMENT, documents.header(TimezoneOffsetFromUTC="-0500"), series=SERIES)
    report = pydicom.dcmread(io.BytesIO(file))
    assert (report.ContentDate, report.ContentTime) == ("20260301", "041530")
    assert report.VerifyingObserverSequence[0].VerificationDateTime == "20260301101530+0100"


def test_texts_numbers_and_codes_are_what_the_fields_are() -> None:
    (findings,) = below(parsed(), "Findings")
    assert texts(findings, "Finding") == [
        "Clear.\nNo effusion.",
        "Contrast: Given", "Liver: Size: 15 cm", "Liver: Normal.",
    ]  # fmt: skip
    (size,), (count,), (margin,) = (below(findings, name) for name in ("Nodule", "Count", "Margin"))
    assert (size.MeasuredValueSequence[0].NumericValue, _unit(size), _unit(count)) == (12.5, "mm", "1")
    assert (margin.ConceptCodeSequence[0].CodeValue, margin.ConceptCodeSequence[0].CodeMeaning) == (
        "129742005", "Spiculated",
    )  # fmt: skip


def _unit(item: Dataset) -> str:
    return str(item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue)


def test_headings_have_their_codes_and_the_reports_words() -> None:
    french = replace(DOCUMENT, language="fr", passages=(replace(FINDINGS, title="Résultats"), documents.OWN))
    report = parsed(french)
    (findings,), (own,) = below(report, "Résultats"), below(report, "Bones & teeth")
    assert findings.ConceptNameCodeSequence[0].CodeValue == "59776-5"
    assert own.ConceptNameCodeSequence[0].CodingSchemeDesignator == "99FOVEA"
    assert below(report, "Language of Content Item and Descendants")[0].ConceptCodeSequence[0].CodeValue == "fr"


def test_several_choices_are_several_codes() -> None:
    codes = (Code("Left", "7771000", "SCT"), Code("Right", "24028007", "SCT"))
    sides = Statement("Sides", "left, right", Code("Laterality", "272741003", "SCT"), codes)
    (findings,) = below(parsed(replace(DOCUMENT, passages=(replace(FINDINGS, statements=(sides,)),))), "Findings")
    assert [each.ConceptCodeSequence[0].CodeMeaning for each in below(findings, "Sides")] == ["Left", "Right"]


def test_key_images_are_shown_with_what_is_said_of_them() -> None:
    captioned, other = below(parsed(), "Key Images")[0].ContentSequence
    assert captioned.TextValue == "Nodule of the right lung"
    (image,) = captioned.ContentSequence
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == documents.SLICE.sop_instance_uid
    assert "ReferencedFrameNumber" not in image.ReferencedSOPSequence[0]
    assert other.ReferencedSOPSequence[0].ReferencedFrameNumber == 7


def test_what_it_refers_to_is_evidence_of_its_study_or_of_others() -> None:
    report = parsed()
    (own,), (other,) = report.CurrentRequestedProcedureEvidenceSequence, report.PertinentOtherEvidenceSequence
    named = [
        each.ReferencedSOPInstanceUID
        for series in own.ReferencedSeriesSequence
        for each in series.ReferencedSOPSequence
    ]
    assert sorted(named) == sorted([*(each.sop_instance_uid for each in IMAGES), MEASURING])
    assert other.StudyInstanceUID == "1.2.3"


def test_measurements_are_read_again_and_are_quotations() -> None:
    found = report_of(documents.header_of(written()))
    assert found is not None
    assert (found.is_verified, found.verified_by) == (True, "Sign^Ada^^Dr")
    nodule, liver = found.groups
    assert (nodule.tracking_uid, nodule.label, nodule.tool) == (documents.TRACKING, "Nodule", "")
    assert [(each.value, each.unit.value) for each in nodule.values] == [(12.5, "mm"), (1 / 3, "mm")]
    assert {each.quoted_from.sop_instance_uid for each in nodule.values if each.quoted_from} == {MEASURING}
    (mean,) = liver.values
    assert (mean.derivation.value, mean.quoted_from, liver.sites[0].said) == ("373098007", None, "Liver")
    assert not found.is_quotation


def test_a_table_of_quotations_measures_nothing_itself() -> None:
    found = report_of(documents.header_of(written(replace(DOCUMENT, measurements=DOCUMENT.measurements[:2]))))
    assert found is not None
    assert found.is_quotation


def test_an_amendment_names_the_report_before_it() -> None:
    (study,) = parsed(predecessors=[BEFORE]).PredecessorDocumentsSequence
    assert study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == dicoms.uid(7, 0, 1)
    assert "PredecessorDocumentsSequence" not in parsed()


def test_the_same_document_is_the_same_object() -> None:
    assert written() == written()


def test_what_nobody_has_signed_is_no_object() -> None:
    with pytest.raises(ValueError, match="signed"):
        written(replace(DOCUMENT, signed=None))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        written(replace(DOCUMENT, measurements=(replace(documents.LENGTH, value=float("nan")),)))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=300))
def test_any_words_come_back_and_keep_the_template(said: str) -> None:
    passage = Passage(said, statements=(Statement(said, said), Statement(said, said, Code(said, "X1", "99X"))))
    report = parsed(replace(DOCUMENT, title=said, passages=(passage,)))
    assert list(violations(report)) == []
    section = next(each for each in report.ContentSequence if each.ValueType == "CONTAINER")
    assert section.ContentSequence[0].TextValue.strip() == said.strip()
