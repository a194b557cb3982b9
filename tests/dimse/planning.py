"""A day at a practice for tests: steps that are planned, asked for as devices ask, and reported as performed."""

from datetime import date, time
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import AE

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.worklist import scheduling
from apps.worklist.models import ScheduledStep
from apps.worklist.scheduling import Planned
from tests.dimse import nodes

WORKLIST: Final = "1.2.840.10008.5.1.4.31"
PERFORMED: Final = "1.2.840.10008.3.1.2.3.3"
RETRIEVE: Final = "1.2.840.10008.3.1.2.3.4"
DAY: Final = date(2026, 3, 2)


def plan(practice: Practice, **fields: Any) -> ScheduledStep:
    """A step of Jane's at the panoramic device at ten, unless `fields` say otherwise."""
    planned: dict[str, Any] = {
        "patient_id": "P1", "patient_name": "Doe^Jane", "patient_birth_date": "19700101", "patient_sex": "F",
        "modality": "PX", "station_titles": "PANO", "start_date": DAY, "start_time": time(10),
        "performing_physician": "Tooth^Tim", "description": "Panoramic",
    }  # fmt: skip
    who = Principal.worker(practice.pk, "tests")
    return scheduling.schedule(practice.pk, Planned(**(planned | fields)), who, source="tests")


def worklist(step: dict[str, Any] | None = None, **request: Any) -> Dataset:
    """An identifier with what devices ask for, and these keys of the step and of the request."""
    keys: dict[str, Any] = dict.fromkeys(
        ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID", "RequestedProcedureID"), ""
    )
    of_step: dict[str, Any] = dict.fromkeys(
        (
            "Modality", "ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime",
            "ScheduledPerformingPhysicianName", "ScheduledProcedureStepID", "ScheduledProcedureStepDescription",
        ),
        "",
    )  # fmt: skip
    asked = dataset(**(keys | request))
    asked.ScheduledProcedureStepSequence = [dataset(**(of_step | (step or {})))]
    return asked


def dataset(**attributes: Any) -> Dataset:
    """A data set of these attributes by their keywords."""
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def begun(step: ScheduledStep | None = None, **changed: Any) -> Dataset:
    """The attributes of an N-CREATE: of this step, or of one that nobody has planned."""
    reference = dataset(
        StudyInstanceUID=step.study_instance_uid if step else "1.2.3.4.5",
        ReferencedStudySequence=[],
        AccessionNumber=step.accession_number if step else "",
        RequestedProcedureID=step.requested_procedure_id if step else "",
        RequestedProcedureDescription="",
        ScheduledProcedureStepID=step.step_id if step else "",
        ScheduledProcedureStepDescription="",
    )
    attributes: dict[str, Any] = {
        "ScheduledStepAttributesSequence": [reference], "PatientName": "Doe^Jane", "PatientID": "P1",
        "PatientBirthDate": "19700101", "PatientSex": "F", "ReferencedPatientSequence": [],
        "PerformedProcedureStepID": "PPS1", "PerformedStationAETitle": "PANO", "PerformedStationName": "",
        "PerformedLocation": "", "PerformedProcedureStepStartDate": "20260302",
        "PerformedProcedureStepStartTime": "100500", "PerformedProcedureStepStatus": "IN PROGRESS",
        "PerformedProcedureStepDescription": "", "PerformedProcedureTypeDescription": "", "ProcedureCodeSequence": [],
        "PerformedProcedureStepEndDate": "", "PerformedProcedureStepEndTime": "", "Modality": "PX", "StudyID": "",
        "PerformedProtocolCodeSequence": [], "PerformedSeriesSequence": [],
    }  # fmt: skip
    made = dataset(**(attributes | changed))
    for keyword, value in changed.items():
        if value is None:
            delattr(made, keyword)
    return made


def ended(status: str = "COMPLETED", **changed: Any) -> Dataset:
    """The attributes of the last N-SET."""
    ends = {"PerformedProcedureStepEndDate": "20260302", "PerformedProcedureStepEndTime": "101500"}
    return dataset(**({"PerformedProcedureStepStatus": status, "PerformedSeriesSequence": []} | ends | changed))


class Modality:
    """pynetdicom as a device that reports what it does, on one association, until the block ends."""

    def __init__(self, port: int, title: str = nodes.THEIRS) -> None:
        entity = AE(title)
        for sop_class in (PERFORMED, RETRIEVE):
            entity.add_requested_context(sop_class)
        self.association = entity.associate("127.0.0.1", port, ae_title=nodes.OURS)

    def __enter__(self) -> "Modality":
        assert self.association.is_established
        return self

    def __exit__(self, *_: object) -> None:
        self.association.release()

    def create(self, attributes: Dataset, uid: str | None) -> Dataset:
        """The status of an N-CREATE, with what else its answer says."""
        return self.association.send_n_create(attributes, PERFORMED, uid)[0]

    def set(self, attributes: Dataset, uid: str) -> Dataset:
        return self.association.send_n_set(attributes, PERFORMED, uid)[0]

    def get(self, uid: str, tags: list[int]) -> tuple[Dataset, Dataset | None]:
        return self.association.send_n_get(tags, PERFORMED, uid, meta_uid=RETRIEVE)
