"""What a signed report puts into the archive."""

import io
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.archive import retrieve
from apps.archive.models import Instance, Study
from apps.core.errors import NotFound
from apps.jobs.handle import JobHandle, Lost, Sign
from apps.measurements.models import Measurement, MeasurementReport
from apps.measurements.reports import placed_again
from apps.reports import keyimages
from apps.reports.models import Report, Signature
from apps.reports.storing import WAY, store_outputs
from tests import dicoms
from tests.reports.objects import signed
from tests.reports.objects.signed import PDF, sign
from tests.reports.objects.template import violations


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """The tests do their jobs themselves."""


@pytest.fixture
def report(practice: Practice) -> Report:
    return signed.report_of(signed.study_of(practice))


def stored(signature: Signature) -> list[Dataset]:
    """What one signature stores, in the order of the answer."""
    uids = store_outputs(signature, PDF, JobHandle(0, 1))
    return [_object(Instance.objects.get(sop_instance_uid=uid).pk) for uid in uids]


def _object(pk: int) -> Dataset:
    found = retrieve.by_key(pk)
    assert found is not None
    return pydicom.dcmread(io.BytesIO(retrieve.read_file(found)))


def test_a_report_a_pdf_and_a_selection_lie_beside_the_images(report: Report) -> None:
    structured, pdf, selection = stored(sign(report))
    assert [each.Modality for each in (structured, pdf, selection)] == ["SR", "DOC", "KO"]
    assert {each.StudyInstanceUID for each in (structured, pdf, selection)} == {dicoms.STUDY_UID}
    assert (structured.SOPInstanceUID, pdf.SOPInstanceUID) == (dicoms.uid(7, 1, 1), dicoms.uid(7, 2, 1))
    assert pdf.EncapsulatedDocument[: len(PDF)] == PDF
    assert list(violations(structured)) == []
    assert set(Instance.objects.filter(source=WAY).values_list("series__study", flat=True)) == {report.study_id}


def test_the_images_that_were_there_are_its_evidence(report: Report) -> None:
    structured = stored(sign(report))[0]
    (study,) = structured.CurrentRequestedProcedureEvidenceSequence
    named = {
        each.ReferencedSOPInstanceUID for one in study.ReferencedSeriesSequence for each in one.ReferencedSOPSequence
    }
    assert named == {*(dicoms.uid(1, 1, number) for number in (1, 2, 3)), f"{dicoms.STUDY_UID}.9.1.1"}


def test_storing_again_stores_nothing_more(report: Report) -> None:
    signature = sign(report)
    first = stored(signature)
    assert stored(signature) == first
    assert Instance.objects.filter(source=WAY).count() == 3


def test_an_amendment_stays_beside_what_was_signed_before_and_names_it(report: Report) -> None:
    stored(sign(report))
    structured, pdf, _ = stored(sign(report, 2))
    assert (_before(structured), _before(pdf)) == (dicoms.uid(7, 1, 1), dicoms.uid(7, 2, 1))
    assert (structured.SeriesInstanceUID, structured.InstanceNumber) == (dicoms.uid(7, 1), 2)
    assert Instance.objects.filter(source=WAY).count() == 6


def _before(found: Dataset) -> Any:
    (study,) = found.PredecessorDocumentsSequence
    return study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID


def test_measurements_are_not_counted_twice(report: Report) -> None:
    before = list(Measurement.objects.current().values_list("pk", "value"))
    stored(sign(report))
    for series in report.study.series.filter(modality="SR"):
        placed_again(series)
    assert before
    assert list(Measurement.objects.current().values_list("pk", "value")) == before
    assert MeasurementReport.objects.count() == 1


def test_its_own_selection_is_no_proposal(report: Report, practice: Practice) -> None:
    stored(sign(report))
    assert keyimages.noted(Principal.worker(practice.pk), Study.objects.get()) == []


def test_without_key_images_there_is_no_selection(report: Report) -> None:
    assert [each.Modality for each in stored(sign(report, key_images=()))] == ["SR", "DOC"]


def test_a_job_of_another_worker_stores_nothing(report: Report) -> None:
    handle = JobHandle(0, 1)
    handle.sign = Sign.LOST
    with pytest.raises(Lost):
        store_outputs(sign(report), PDF, handle)
    assert not Instance.objects.filter(source=WAY).exists()


def test_a_study_without_objects_is_told(report: Report) -> None:
    signature = sign(report)
    Instance.objects.all().delete()
    with pytest.raises(NotFound):
        store_outputs(signature, PDF, JobHandle(0, 1))
