"""A modality's whole day: it asks who is next, reports what it does, sends images, and has their keeping confirmed."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, evt

from apps.accounts.models import Practice
from apps.archive.models import Instance, Study
from apps.dicom.network.command import Status
from apps.dimse.reporting import SOP_CLASS, SOP_INSTANCE
from apps.dimse.server import Server
from apps.remotes.models import Remote
from apps.worklist import linking
from apps.worklist.models import LinkedBy, PerformedState, PerformedStep, ScheduledStep, StepState
from tests import dicoms
from tests.dimse import nodes
from tests.dimse.finding import find, findscu
from tests.dimse.planning import WORKLIST, Modality, begun, dataset, ended, plan, worklist
from tests.dimse.test_commitment import PATIENCE, Told, listening

UID = dicoms.uid(71, 1)
SLICES = 3
MINE = {"Modality": "CT", "ScheduledStationAETitle": nodes.THEIRS, "ScheduledProcedureStepStartDate": "20260302"}
QUERY = r"""
(0008,0050) SH []
(0010,0010) PN []
(0010,0020) LO []
(0020,000d) UI []
(0040,0100) SQ
(fffe,e000) -
(0008,0060) CS [CT]
(0040,0001) AE [CHECKER]
(0040,0002) DA [20260302]
(0040,0009) SH []
(fffe,e00d) -
(fffe,e0dd) -
(0040,1001) SH []
"""


@pytest.fixture
def step(server: Server, practice: Practice) -> ScheduledStep:
    """Jane's scan, among others' at other devices."""
    plan(practice, patient_id="P2", patient_name="Roe^John", modality="CT", station_titles="OTHER")
    plan(practice)
    return plan(practice, modality="CT", station_titles=nodes.THEIRS, accession_number="A1")


def images(answer: Dataset) -> list[bytes]:
    """What the device makes of a worklist's answer: it copies what that says (PS3.4 K.6.1.2.2)."""
    (step,) = answer.ScheduledProcedureStepSequence
    request = dataset(
        ScheduledProcedureStepID=step.ScheduledProcedureStepID, RequestedProcedureID=answer.RequestedProcedureID
    )
    copied: dict[str, Any] = {
        each: answer[each].value for each in ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID")
    }
    copied |= {"RequestAttributesSequence": [request], "PatientBirthDate": "19700101", "StudyDate": "20260302"}
    return [
        dicoms.ct_slice(
            Rows=8, Columns=8, InstanceNumber=number, SeriesInstanceUID=dicoms.uid(71, 2),
            SOPInstanceUID=dicoms.uid(71, 2, number), **copied,
        )
        for number in range(1, SLICES + 1)
    ]  # fmt: skip


def is_linked(step: ScheduledStep, state: StepState) -> bool:
    """Whether the step is in that state, and has the study that arrived."""
    linking.link(Study.objects.get())
    step.refresh_from_db()
    return step.state == state and step.linked_by == LinkedBy.STUDY_UID and step.study == Study.objects.get()


def send(port: int, files: list[bytes]) -> list[int]:
    """The statuses of C-STORE by pynetdicom."""
    entity = AE(nodes.THEIRS)
    entity.add_requested_context(nodes.CT, nodes.EXPLICIT)
    opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS)
    statuses = [int(opened.send_c_store(dcmread(dicoms.BytesIO(file))).Status) for file in files]
    opened.release()
    return statuses


def confirmed(port: int, remote: Remote) -> tuple[int, int]:
    """What a storage commitment of all instances says: the type of the event, and how many are kept."""
    told = Told()
    asked = dataset(TransactionUID=dicoms.uid(71, 9))
    asked.ReferencedSOPSequence = [
        dataset(ReferencedSOPClassUID=nodes.CT, ReferencedSOPInstanceUID=uid)
        for uid in Instance.objects.values_list("sop_instance_uid", flat=True)
    ]
    with listening(told, remote):
        entity = AE(nodes.THEIRS)
        entity.add_requested_context(SOP_CLASS)
        handlers: list[Any] = [(evt.EVT_N_EVENT_REPORT, told.take)]
        opened = entity.associate("127.0.0.1", port, ae_title=nodes.OURS, evt_handlers=handlers)
        status, _ = opened.send_n_action(asked, 1, SOP_CLASS, SOP_INSTANCE)
        assert status.Status == Status.SUCCESS
        assert told.came.wait(PATIENCE)
        opened.release()
    kind, information = told.first()
    return kind, len(information.ReferencedSOPSequence)


def test_with_pynetdicom(port: int, remote: Remote, step: ScheduledStep) -> None:
    (answer,) = find(port, worklist(MINE), model=WORKLIST).matches
    made = images(answer)
    performed = dataset(
        SeriesInstanceUID=dicoms.uid(71, 2), ProtocolName="Head", SeriesDescription="", RetrieveAETitle="",
        PerformingPhysicianName="", OperatorsName="", ReferencedNonImageCompositeSOPInstanceSequence=[],
        ReferencedImageSequence=[
            dataset(ReferencedSOPClassUID=nodes.CT, ReferencedSOPInstanceUID=dicoms.uid(71, 2, number))
            for number in range(1, SLICES + 1)
        ],
    )  # fmt: skip
    with Modality(port) as modality:
        assert modality.create(begun(step, Modality="CT"), UID).Status == Status.SUCCESS
        assert not find(port, worklist(MINE), model=WORKLIST).matches
        assert send(port, made) == [Status.SUCCESS] * SLICES
        assert is_linked(step, StepState.IN_PROGRESS)
        assert modality.set(ended(PerformedSeriesSequence=[performed]), UID).Status == Status.SUCCESS
    assert is_linked(step, StepState.COMPLETED)
    assert PerformedStep.objects.get().state == PerformedState.COMPLETED
    assert confirmed(port, remote) == (1, SLICES)


def test_with_dcmtk_whose_images_alone_tell(port: int, remote: Remote, step: ScheduledStep, tmp_path: Path) -> None:
    """A device without MPPS: its first image says that the step has begun."""
    dump, query = tmp_path / "query.dump", tmp_path / "query.dcm"
    dump.write_text(QUERY)
    subprocess.run(["dump2dcm", "-q", dump, query], check=True)
    said = nodes.dcmtk("findscu", port, "-v", "-W", "-X", "-od", str(tmp_path), files=[str(query)]).stdout
    assert "Final Find Response (Success)" in said, said
    (answer,) = tmp_path.glob("rsp*.dcm")
    files = []
    for number, made in enumerate(images(dcmread(answer, force=True))):
        files.append(tmp_path / f"{number}.dcm")
        files[-1].write_bytes(made)
    sent = nodes.dcmtk("storescu", port, files=[str(file) for file in files])
    assert sent.returncode == 0, sent.stdout
    assert is_linked(step, StepState.IN_PROGRESS)
    assert not find(port, worklist(MINE), model=WORKLIST).matches
    assert "A1" in findscu(port, "QueryRetrieveLevel=STUDY", "AccessionNumber=A1", "PatientID")
    assert confirmed(port, remote) == (1, SLICES)
