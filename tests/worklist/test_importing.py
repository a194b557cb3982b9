"""Worklists from files: CSV tables and DICOM worklist files."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.core.errors import FoveaError, Invalid, NotFound
from apps.worklist import importing, scheduling, tables, worklist_files
from apps.worklist.importing import Report, Source, bring, files
from apps.worklist.items import attributes_of
from apps.worklist.models import ScheduledStep
from tests.worklist.planned import planner

HEAD = "patient_id,patient_name,modality,start_date"


def brought(practice: Practice, content: str | bytes, name: str = "list.csv") -> Report:
    data = content.encode() if isinstance(content, str) else content
    return bring(practice.pk, [Source(name, content=data)], planner(practice), source="test")


def worklist_item(**changes: Any) -> Dataset:
    """A data set as worklist servers keep them."""
    step = Dataset()
    step.ScheduledStationAETitle, step.Modality = "PANO1", "PX"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = "20240517", "093000.00"
    step.ScheduledProcedureStepID, step.ScheduledProcedureStepDescription = "SPS1", "Panoramic"
    item = Dataset()
    item.SpecificCharacterSet = "ISO_IR 192"
    item.AccessionNumber, item.PatientID, item.PatientName = "ACC1", "P1", "Müller^Eva=山田^太郎"
    item.PatientBirthDate, item.PatientSex, item.StudyInstanceUID = "19800102", "F", "1.2.3.4"
    item.RequestedProcedureID, item.RequestedProcedureDescription = "RP1", "Panoramic X-ray"
    item.Allergies = "Latex"
    item.ScheduledProcedureStepSequence = [step]
    for name, value in changes.items():
        setattr(step if name.startswith("Scheduled") else item, name, value)
    return item


def without_steps() -> Dataset:
    item = worklist_item()
    item.ScheduledProcedureStepSequence = []
    return item


def written(item: Dataset, syntax: str = ExplicitVRLittleEndian, *, with_meta: bool = False) -> bytes:
    buffer = BytesIO()
    if with_meta:
        item.ensure_file_meta()
        item.file_meta.TransferSyntaxUID = syntax
        item.file_meta.MediaStorageSOPClassUID, item.file_meta.MediaStorageSOPInstanceUID = "1.2.276.0.1", "1.2.3"
        dcmwrite(buffer, item, enforce_file_format=True)
    else:
        dcmwrite(buffer, item, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return buffer.getvalue()


def test_a_table_is_brought_in(practice: Practice) -> None:
    report = brought(
        practice,
        "Patient ID;Patient Name;Birth date;Sex;Modality;Date;Time;Station AE Title;Physician's parking\n"
        "P1;Doe, Jane;1980-01-02;female;px;2024-05-17;09:30;PANO1;7\n\nP2;Roe^Rick;;;CT;20240518;;;8\n",
    )
    assert (report.words, report.errors) == ("2 planned", [])
    jane, rick = ScheduledStep.objects.order_by("patient_id")
    assert (jane.patient_name, jane.patient_birth_date, jane.patient_sex, jane.modality) == (
        "Doe^Jane", "19800102", "F", "PX",
    )  # fmt: skip
    assert (f"{jane.start_time:%H:%M}", jane.station_titles, rick.start_time) == ("09:30", "PANO1", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_may_be_in_any_common_encoding(practice: Practice, encoding: str) -> None:
    brought(practice, f"{HEAD}\nP1,Müller^Jürgen,PX,2024-05-17\n".encode(encoding))
    assert ScheduledStep.objects.get().patient_name == "Müller^Jürgen"


def test_each_line_stands_or_falls_by_itself(practice: Practice) -> None:
    report = brought(
        practice,
        f"{HEAD},minutes\nP1,Doe^Jane,PX,yesterday,\nP2,Roe^Rick,PX,2024-05-17,many\n,Poe^E,PX,2024-05-17,\n"
        "P4,Loe^L,a modality that is none,2024-05-17,\nP5,Moe^M,PX,2024-05-17,20\n",
    )
    assert ScheduledStep.objects.get().patient_id == "P5"
    assert [where for where, _ in report.errors] == [f"list.csv, line {number}" for number in (2, 3, 4, 5)]
    words = " ".join(error for _, error in report.errors)
    for word in ("start_date", "minutes", "Patient ID", "Modality"):
        assert word in words
    assert "Doe" not in words


def test_what_is_known_is_changed_and_what_is_not_said_stays(practice: Practice) -> None:
    head = f"external_id,{HEAD}"
    first = brought(practice, f"{head},description\nE1,P1,Doe^Jane,PX,2024-05-17,Panoramic\n")
    number = ScheduledStep.objects.get().accession_number
    again = brought(practice, f"{head}\nE1,P1,Doe^Jane,PX,2024-05-17\n")
    later = brought(practice, f"{head}\nE1,P1,Doe^Jane,PX,2024-05-18\n")
    assert (first.words, again.words, later.words) == ("1 planned", "1 the same", "1 changed")
    step = ScheduledStep.objects.get()
    assert (f"{step.start_date}", step.description, step.accession_number) == ("2024-05-18", "Panoramic", number)


def test_what_has_begun_is_left_as_it_is(practice: Practice) -> None:
    brought(practice, f"step_id,{HEAD}\nS1,P1,Doe^Jane,PX,2024-05-17\n")
    scheduling.start(ScheduledStep.objects.get(), planner(practice))
    report = brought(practice, f"step_id,{HEAD}\nS1,P1,Doe^Jane,CT,2024-05-17\n")
    assert (report.words, report.failed) == ("1 left as it is, since it has begun or ended", 0)
    assert ScheduledStep.objects.get().modality == "PX"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "empty"),
        ("name,date\nx,y\n", "columns"),
        (f"{HEAD},date\n", "Two columns"),
        (f'{HEAD}\n"P1,Doe\n' + "x" * 140_000, "CSV"),
        (f"{HEAD}\n" + "P,N,PX,x\n" * 5001, "5000"),
        (b"\x08\x00\x05\x00CS\xff\xff", "DICOM"),
        (written(without_steps()), "0 steps"),
        (written(worklist_item(ScheduledProcedureStepStartDate="soon")), "date"),
    ],
)
def test_what_is_no_worklist_is_said(practice: Practice, content: str | bytes, word: str) -> None:
    report = brought(practice, content)
    assert word in report.errors[-1][1]
    assert not ScheduledStep.objects.exists()


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("with_meta", [False, True])
def test_a_worklist_file_is_brought_in(practice: Practice, syntax: str, with_meta: bool) -> None:
    report = brought(practice, written(worklist_item(), syntax, with_meta=with_meta), "one.wl")
    assert (report.words, report.errors) == ("1 planned", [])
    step = ScheduledStep.objects.get()
    assert (step.patient_name, step.accession_number, step.step_id, step.study_instance_uid) == (
        "Müller^Eva=山田^太郎", "ACC1", "SPS1", "1.2.3.4",
    )  # fmt: skip
    assert (step.station_titles, f"{step.start_time:%H:%M:%S}", step.description, step.requested_description) == (
        "PANO1", "09:30:00", "Panoramic", "Panoramic X-ray",
    )  # fmt: skip
    assert attributes_of(step.item)["00102110"]["Value"] == ["Latex"]
    assert brought(practice, written(worklist_item(), syntax, with_meta=with_meta)).words == "1 the same"


def test_a_step_id_of_another_procedure_is_a_conflict(practice: Practice) -> None:
    brought(practice, written(worklist_item()))
    report = brought(practice, written(worklist_item(AccessionNumber="ACC2")))
    assert "another accession number" in report.errors[0][1]


def test_folders_give_their_worklist_files(practice: Practice, tmp_path: Path) -> None:
    (tmp_path / "a.wl").write_bytes(written(worklist_item()))
    (tmp_path / "lockfile").write_text("")
    (tmp_path / "b.csv").write_text(f"{HEAD}\nP2,Doe^Jane,PX,2024-05-17\n")
    (tmp_path / "c.wl").mkdir()
    assert bring(practice.pk, files([tmp_path]), planner(practice), source="test").words == "2 planned"


def test_a_large_file_is_not_read_to_its_end(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_BYTES", 100)
    (tmp_path / "a.csv").write_text("x" * 101)
    report = bring(practice.pk, files([tmp_path]), planner(practice), source="test")
    assert "larger than" in report.errors[0][1]
    monkeypatch.setattr(importing, "MOST_FILES", 0)
    with pytest.raises(Invalid, match="more than 0 files"):
        bring(practice.pk, files([tmp_path]), planner(practice), source="test")


def test_another_practice_takes_nothing(practice: Practice, stranger: User) -> None:
    with pytest.raises(NotFound):
        bring(practice.pk, [], Principal.of(stranger), source="test")


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_file_is_read_or_refused(data: bytes) -> None:
    read = worklist_files.steps if worklist_files.is_dicom(data) else tables.steps
    try:
        assert all(list(read(data)))  # type: ignore[operator]
    except FoveaError as error:
        assert isinstance(error, Invalid)  # noqa: PT017 - others are defects
