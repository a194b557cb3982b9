"""What the Python dicomweb-client gets from a running server, beside what pydicom reads in the same files.

Files are those that pydicom brings along, and those of the folder that FOVEA_TEST_SAMPLES names, where it is set.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from dicomweb_client import DICOMwebClient
from pydicom import Dataset
from pydicom.encaps import generate_frames
from pydicom.sequence import Sequence

from tests.dicom.oracle import bundled_files, pydicom_read
from tests.live import AUTHORIZATION, Server, Site

SAMPLES: Final = os.environ.get("FOVEA_TEST_SAMPLES", "")
FOREIGN: Final = sorted(path for path in Path(SAMPLES).rglob("*") if path.is_file()) if SAMPLES else []
FILES: Final = bundled_files() + FOREIGN
NATIVE: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
# Where the two do not agree, by the end of a test's name and the file's, and why.
DIFFERENT: Final = {
    ("three_levels", "badVR.dcm"): "pydicom refuses the file's Series Number `1A`, which is handed out as it is",
    ("metadata", "badVR.dcm"): "the same",
    ("frames", "badVR.dcm"): "pydicom refuses the file's Number of Frames `1A`",
    ("three_levels", "bad-dates-and-numbers.dcm"): "pydicom refuses the Series Number `1e99`",
    ("metadata", "bad-dates-and-numbers.dcm"): "the same",
    ("metadata", "GH195.dcm"): "pydicom refuses a decimal string with three points",
    ("frames", "will-jxl.dcm"): "pydicom finds fewer fragments than frames",
    ("frames", "h264_hp41_fragmentable_many_fragments.dcm"): "pydicom takes fragments for frames",
    ("picture", "genFile.dcm"): "its JPEG has no frame header",
    ("picture", "GH1146.dcm"): "its pixel data is empty",
    ("picture", "pixeldata-zero-length.dcm"): "the same",
    ("picture", "JPEG2000-embedded-sequence-delimiter.dcm"): "a delimiter in the bitstream makes it undecodable",
}
LEVELS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that the server took: what pydicom reads in it, and the UIDs that it is known by."""

    data: bytes
    dataset: Dataset
    study: str
    series: str
    instance: str

    @property
    def uids(self) -> tuple[str, str, str]:
        return self.study, self.series, self.instance


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Site(tmp_path_factory.mktemp("agreement"), FOVEA_DUPLICATES="overwrite") as site, site.serving() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> DICOMwebClient:
    client = DICOMwebClient(f"http://127.0.0.1:{server.port}/dicom-web", headers={"Authorization": AUTHORIZATION})
    # Its Host header leaves out the port, which is where an answer's addresses have theirs from (RFC 9110 7.2).
    client.host = f"127.0.0.1:{server.port}"
    return client


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, server: Server) -> Kept:
    """A file that the server has stored just now; the test is not for those that it refuses."""
    for (test, file), reason in DIFFERENT.items():
        if request.param.name == file and request.node.originalname.endswith((test, f"{test}_where_there_is_one")):
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    data = request.param.read_bytes()
    answer = orjson.loads(server.store(iter([data]), "application/dicom").body)
    stored = answer.get("00081199", {}).get("Value")
    if not stored:
        pytest.skip("not an object that can be stored")
    _, study, _, series, _, instance = stored[0]["00081190"]["Value"][0].rsplit("/", 5)
    try:
        return Kept(data, pydicom_read(data), study, series, instance)
    except OSError as error:
        pytest.skip(f"pydicom can't read it: {error}")


def text(value: Any) -> str:
    """As the index keeps it: without padding."""
    return str(value or "").replace("\0", "").strip()


def test_the_client_finds_it_at_three_levels(client: DICOMwebClient, kept: Kept) -> None:
    (study,) = client.search_for_studies(search_filters={"StudyInstanceUID": kept.study})
    (series,) = client.search_for_series(kept.study, search_filters={"SeriesInstanceUID": kept.series})
    (instance,) = client.search_for_instances(kept.study, kept.series, search_filters={"SOPInstanceUID": kept.instance})
    found = [Dataset.from_json(each) for each in (study, series, instance)]
    assert tuple(each[level].value for each, level in zip(found, LEVELS, strict=True)) == kept.uids
    assert found[0].NumberOfStudyRelatedInstances >= found[1].NumberOfSeriesRelatedInstances >= 1


def test_the_client_gets_the_file_that_was_stored(client: DICOMwebClient, kept: Kept) -> None:
    (dataset,) = [client.retrieve_instance(*kept.uids)]
    same = pydicom_read(bytes(128) + kept.data[128:]) if kept.data[128:132] == b"DICM" else kept.dataset
    assert list(dataset.keys()) == list(same.keys())
    # Delimiters between data elements are no elements.
    tags = [tag for tag in same.keys() if tag.group != 0xFFFE]  # noqa: SIM118 - a data set iterates over its elements
    assert {str(tag) for tag in tags if raw(dataset, tag) != raw(same, tag)} == set()


def raw(dataset: Dataset, tag: Any) -> Any:
    """An element as it was read: its bytes, or for a sequence the number of its items."""
    value = dataset.get_item(tag).value
    return len(value) if isinstance(value, list | Sequence) else value


def test_the_client_reads_the_metadata(client: DICOMwebClient, kept: Kept) -> None:
    header = client.retrieve_instance_metadata(*kept.uids)
    dataset = Dataset.from_json(header, bulk_data_uri_handler=lambda *_: b"")
    assert tuple(dataset[level].value for level in LEVELS) == kept.uids
    for keyword in ("Modality", "Rows", "Columns", "BitsAllocated", "PhotometricInterpretation", "StudyDate"):
        if keyword in kept.dataset and "\\" not in text(kept.dataset[keyword].value):
            assert text(dataset.get(keyword)) == text(kept.dataset[keyword].value), keyword
    assert header in client.retrieve_series_metadata(kept.study, kept.series)
    assert header in client.retrieve_study_metadata(kept.study)


def test_the_client_gets_the_bulk_data(client: DICOMwebClient, kept: Kept) -> None:
    for tag, element in client.retrieve_instance_metadata(*kept.uids).items():
        if "BulkDataURI" in element and tag in kept.dataset and kept.dataset.is_little_endian is not False:
            parts = client.retrieve_bulkdata(element["BulkDataURI"])
            if kept.dataset[tag].is_undefined_length:
                # The stream of a video is one.
                assert len(parts) in {1, int(kept.dataset.get("NumberOfFrames") or 1)}
            else:
                assert parts == [kept.dataset[tag].value]


def frames_of(dataset: Dataset) -> list[bytes] | None:
    """The frames as they are stored, None where that can't be told simply."""
    pixels, syntax = dataset.get("PixelData"), dataset.file_meta.get("TransferSyntaxUID")
    number = int(dataset.get("NumberOfFrames") or 1)
    if not (pixels and syntax and syntax.is_transfer_syntax) or dataset.get("BitsAllocated", 1) % 8:
        return None
    if syntax.is_encapsulated and dataset["PixelData"].is_undefined_length:
        return list(generate_frames(pixels, number_of_frames=number))
    size = dataset.Rows * dataset.Columns * dataset.get("SamplesPerPixel", 1) * dataset.BitsAllocated // 8
    return [pixels[n * size : (n + 1) * size] for n in range(number)] if syntax in NATIVE else None


def test_the_client_gets_the_frames(client: DICOMwebClient, kept: Kept) -> None:
    expected = frames_of(kept.dataset)
    if not expected:
        pytest.skip("no frames that pydicom takes apart")
    numbers = [len(expected), 1]
    got = client.retrieve_instance_frames(*kept.uids, frame_numbers=numbers)
    assert [frame.rstrip(b"\0") for frame in got] == [expected[number - 1].rstrip(b"\0") for number in numbers]


def test_the_client_gets_a_picture_where_there_is_one(client: DICOMwebClient, kept: Kept) -> None:
    if not kept.dataset.get("Rows") or "PixelData" not in kept.dataset:
        pytest.skip("no image")
    assert client.retrieve_instance_rendered(*kept.uids, media_types=("image/png",)).startswith(b"\x89PNG")
