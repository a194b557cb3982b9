"""Media built in code: folders and zip archives of DICOM objects, and a DICOMDIR."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from tests import dicoms


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """These files by their paths below the folder, which is returned."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def dicomdir(*file_ids: str, inactive: str = "") -> bytes:
    """A DICOMDIR that names these files (`DIR/FILE`), and one in a record that is not in use."""
    directory = Dataset()
    directory.SOPClassUID = MediaStorageDirectoryStorage
    directory.SOPInstanceUID = dicoms.uid(8)
    directory.FileSetID = "TEST"
    directory.DirectoryRecordSequence = [_record(file_id) for file_id in file_ids]
    if inactive:
        directory.DirectoryRecordSequence.append(_record(inactive, in_use=0))
    with config.disable_value_validation():
        return dicoms.part10(directory)


def _record(file_id: str, in_use: int = 0xFFFF) -> Dataset:
    record = Dataset()
    record.OffsetOfTheNextDirectoryRecord = 0
    record.RecordInUseFlag = in_use
    record.DirectoryRecordType = "IMAGE"
    with config.disable_value_validation():
        record.ReferencedFileID = file_id.split("/")
    return record
