"""A day's worklist: the same steps planned in Fovea, and written as files for Orthanc's worklist plugin."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

STEPS: Final = 200
DAY: Final = date(2026, 3, 2)
_MODALITIES: Final = ("PX", "IO", "CT", "DX")
_STEP: Final = {
    "Modality": "modality",
    "ScheduledStationAETitle": "station_titles",
    "ScheduledPerformingPhysicianName": "performing_physician",
    "ScheduledProcedureStepDescription": "description",
    "ScheduledProcedureStepID": "step_id",
    "ScheduledStationName": "station_name",
    "ScheduledProcedureStepLocation": "location",
}
_REQUEST: Final = {
    "AccessionNumber": "accession_number",
    "ReferringPhysicianName": "referring_physician",
    "PatientName": "patient_name",
    "PatientID": "patient_id",
    "PatientBirthDate": "patient_birth_date",
    "PatientSex": "patient_sex",
    "StudyInstanceUID": "study_instance_uid",
    "RequestedProcedureID": "requested_procedure_id",
    "RequestedProcedureDescription": "requested_description",
}
_SOP_CLASS: Final = UID("1.2.276.0.7230010.3.1.0.1")


def steps() -> Iterator[dict[str, Any]]:
    """What is planned, by the names of apps.worklist.scheduling.Planned."""
    for number in range(STEPS):
        yield {
            "patient_id": f"BENCH{number:05}",
            "patient_name": f"Doe{number:03}^Jane",
            "patient_birth_date": "19700101",
            "patient_sex": "F",
            "modality": _MODALITIES[number % len(_MODALITIES)],
            "station_titles": f"DEVICE{number % 5}",
            "station_name": f"ROOM{number % 5}",
            "location": "Ground floor",
            "start_date": DAY,
            "start_time": time(8 + number // 20, number % 20 * 3),
            "performing_physician": "Tooth^Tim",
            "referring_physician": "Refer^Rita",
            "description": "Panoramic X-ray",
            "requested_description": "Radiograph of the jaw",
            "step_id": f"S{number:05}",
            "requested_procedure_id": f"R{number:05}",
            "accession_number": f"A{number:05}",
            "study_instance_uid": f"1.2.826.0.1.3680043.10.1561.8.{number + 1}",
        }


def write(folder: Path) -> None:
    """The steps as files of dcmtk's and Orthanc's kind, one each."""
    folder.mkdir()
    for planned in steps():
        dataset = _dataset(planned)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.MediaStorageSOPClassUID = _SOP_CLASS
        dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"{planned['study_instance_uid']}.1")
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.save_as(folder / f"{planned['step_id']}.wl", enforce_file_format=True)


def _dataset(planned: dict[str, Any]) -> Dataset:
    step = _of(_STEP, planned)
    step.ScheduledProcedureStepStartDate = f"{planned['start_date']:%Y%m%d}"
    step.ScheduledProcedureStepStartTime = f"{planned['start_time']:%H%M%S}"
    step.ScheduledProcedureStepStatus = "SCHEDULED"
    dataset = _of(_REQUEST, planned)
    dataset.SpecificCharacterSet, dataset.RequestedProcedurePriority = "ISO_IR 192", "ROUTINE"
    dataset.ScheduledProcedureStepSequence = [step]
    return dataset


def _of(names: Mapping[str, str], planned: Mapping[str, Any]) -> Dataset:
    dataset = Dataset()
    for keyword, name in names.items():
        setattr(dataset, keyword, planned[name])
    return dataset
