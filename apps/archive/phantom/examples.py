"""The demo studies: the phantoms', and pydicom's bundled examples under names of patients who don't exist."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import pydicom.data
from pydicom import dcmread
from pydicom.dataset import FileDataset

from apps.archive.phantom.images import cone_beam, radiograph, slices
from apps.archive.phantom.objects import uid

# Inside the installed package: pydicom's own look-up would download what it doesn't find.
FOLDER = Path(pydicom.data.__file__).parent / "test_files"
SLICES = 160


@dataclass(frozen=True, slots=True)
class DemoStudy:
    """A study that `objects` makes, `count` instances as Part 10 files."""

    study_instance_uid: str
    count: int
    objects: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Example:
    """A bundled file, and whose study it becomes. `name` and `birth_date` are in DICOM's form."""

    file: str
    patient_id: str
    name: str
    birth_date: str
    date: str
    description: str

    def study(self) -> DemoStudy:
        return DemoStudy(uid(self.file, "study"), 1, self._objects)

    def _objects(self) -> Iterator[bytes]:
        dataset = dcmread(FOLDER / self.file)
        dataset.decode()
        self._rename(dataset)
        stream = BytesIO()
        dataset.save_as(stream)
        yield stream.getvalue()

    def _rename(self, dataset: FileDataset) -> None:
        dataset.SpecificCharacterSet = "ISO_IR 192"
        dataset.PatientName, dataset.PatientID = self.name, self.patient_id
        dataset.PatientBirthDate = self.birth_date
        dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = self.date
        dataset.AccessionNumber = f"{self.patient_id}-1"
        dataset.StudyDescription = self.description
        dataset.StudyInstanceUID = uid(self.file, "study")
        dataset.SeriesInstanceUID = uid(self.file, "series")
        dataset.SOPInstanceUID = uid(self.file, "instance")
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


EXAMPLES = (
    Example("examples_ybr_color.dcm", "DEMO-2", "Tremblay^Alexandre", "19880912", "20260316", "Echocardiogram"),
    Example("examples_jpeg2k.dcm", "DEMO-3", "Nguyễn^Minh Anh", "19930221", "20260313", "Obstetric ultrasound"),
    Example(
        "examples_overlay.dcm",
        "DEMO-4",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "19550630",
        "20260312",
        "MR spine",
    ),
    Example("examples_palette.dcm", "DEMO-5", "Müller^Jürgen", "19471108", "20260310", "Colour Doppler"),
    Example("waveform_ecg.dcm", "DEMO-6", "O'Brien^Siobhán", "19620119", "20260309", "12-lead ECG"),
)


def demo_studies(count: int = SLICES, size: int = 320) -> list[DemoStudy]:
    """Every demo study; the CT volume has `count` slices of `size` x `size` pixels, the X-ray half as many again, the
    dental volume as many slices of five eighths the size."""
    return [
        DemoStudy(uid("head", "study", "CT"), count, partial(slices, count, size)),
        DemoStudy(uid("head", "study", "DX"), 1, lambda: [radiograph(size * 3 // 2)]),
        DemoStudy(uid("jaw", "study", "CT"), count, partial(cone_beam, count, size * 5 // 8)),
        *(example.study() for example in EXAMPLES),
    ]
