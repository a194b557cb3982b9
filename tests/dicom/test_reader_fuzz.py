"""The reader under arbitrary damage: it reads, or says Unreadable; nothing else comes out, and none of it is slow."""

from io import BytesIO
from typing import Any

import pydicom
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from apps.dicom.errors import Unreadable
from apps.dicom.frames import FrameIndex, index_frames
from apps.dicom.limits import Limits
from apps.dicom.reader import read
from tests import dicoms
from tests.dicom.oracle import by_pydicom, by_us

LIMITS = Limits(header_bytes=1_000_000, elements=5_000, inflated_bytes=1_000_000, frames=1_000)
FRAMES = [dicoms.jpeg_like(40, fill) for fill in range(3)]
OBJECTS = [
    *(dicoms.ct_slice(Rows=8, Columns=8, transfer_syntax=syntax) for syntax in dicoms.NATIVE_SYNTAXES),
    dicoms.bare(dicoms.ct_dataset(Rows=8, Columns=8)),
    dicoms.bit_packed(),
    dicoms.multi_frame(),
    dicoms.encapsulated_pdf(),
    *(dicoms.encapsulated(FRAMES, offset_table=table, fragments_per_frame=2) for table in ("basic", "empty")),
    dicoms.encapsulated(FRAMES, offset_table="extended"),
]
UNTIMED = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Lengths and tags that turn a reader's head.
TOKENS = [
    b"\xff\xff\xff\xff",
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\x0d\xe0",
    b"\xfe\xff\xdd\xe0",
    b"SQ\0\0",
    b"UN\0\0",
    b"\0" * 8,
]


def read_all(data: bytes) -> None:
    """Read an object and all its frames; whatever is wrong must come out as Unreadable."""
    try:
        header = read(data, LIMITS)
        index = index_frames(data, header, LIMITS)
    except Unreadable:
        return
    body = header.inflated or data
    assert FrameIndex.from_bytes(index.to_bytes()) == index
    for number in range(1, index.count + 1):
        assert all(offset + length <= len(body) for offset, length in index.spans(number))
        index.extract(lambda offset, length: body[offset : offset + length], number)
    header.resolve_bulk("base")


@UNTIMED
@given(data=st.sampled_from(OBJECTS), cut=st.floats(0, 1, exclude_max=True))
def test_truncation_anywhere(data: bytes, cut: float) -> None:
    read_all(data[: int(len(data) * cut)])


@UNTIMED
@given(
    data=st.sampled_from(OBJECTS),
    damages=st.lists(
        st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4) | st.sampled_from(TOKENS)), max_size=8
    ),
)
def test_overwriting_anywhere(data: bytes, damages: list[tuple[float, bytes]]) -> None:
    damaged = bytearray(data)
    for place, replacement in damages:
        start = 128 + int((len(data) - 136) * place)
        damaged[start : start + len(replacement)] = replacement
    read_all(bytes(damaged))


@UNTIMED
@given(data=st.sampled_from(OBJECTS), place=st.floats(0, 1), inserted=st.binary(max_size=40) | st.sampled_from(TOKENS))
def test_insertion_anywhere(data: bytes, place: float, inserted: bytes) -> None:
    start = int(len(data) * place)
    read_all(data[:start] + inserted + data[start:])


@UNTIMED
@given(body=st.binary(max_size=300), syntax=st.sampled_from(dicoms.NATIVE_SYNTAXES))
@example(body=b"\x08\x00\x00\x00" * 20, syntax=dicoms.NATIVE_SYNTAXES[0])
def test_noise_behind_a_good_head(body: bytes, syntax: str) -> None:
    head = dicoms.ct_slice(transfer_syntax=syntax)
    read_all(head[: read(head).dataset_offset] + body)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\\^=\0\r\n\t\f\x1b", exclude_categories=["Cc"]), max_size=20
)
ELEMENTS: dict[str, st.SearchStrategy[Any]] = {
    "PatientName": st.lists(TEXT, min_size=1, max_size=3).map("=".join),
    "PatientComments": TEXT,
    "OtherPatientIDs": st.lists(TEXT, max_size=3),
    "ImageType": st.lists(st.sampled_from(["A", "B", ""]), max_size=4),
    "WindowCenter": st.lists(st.floats(-1e6, 1e6).map(lambda value: f"{value:.6g}"), max_size=3),
    "InstanceNumber": st.integers(-(2**31), 2**31 - 1).map(str),
    "Rows": st.integers(0, 65535),
    "SelectorATValue": st.lists(st.integers(0, 2**32 - 1), max_size=3),
    "SelectorFDValue": st.lists(st.floats(width=64), max_size=3),
    "SelectorFLValue": st.lists(st.floats(width=32), max_size=3),
    "SelectorSLValue": st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3),
    "SelectorSVValue": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
    "SelectorOBValue": st.binary(max_size=40).map(lambda value: value + b"\0" * (len(value) % 2)),
}


def datasets(depth: int = 2) -> st.SearchStrategy[Dataset]:
    optional = dict(ELEMENTS)
    if depth:
        optional["ReferencedImageSequence"] = st.lists(datasets(depth - 1), max_size=2)
    return st.fixed_dictionaries({}, optional=optional).map(_dataset)


def _dataset(values: dict[str, Any]) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


@UNTIMED
@given(dataset=datasets(), syntax=st.sampled_from(dicoms.NATIVE_SYNTAXES))
@example(dataset=_dataset({"PatientComments": " 0"}), syntax=dicoms.NATIVE_SYNTAXES[0])
@example(dataset=_dataset({"PatientComments": " "}), syntax=dicoms.NATIVE_SYNTAXES[0])
@example(dataset=_dataset({"ImageType": [" A", "B"]}), syntax=dicoms.NATIVE_SYNTAXES[0])
def test_what_pydicom_writes_is_read_as_pydicom_reads_it(dataset: Dataset, syntax: str) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.3", "1.2.3.4"
    data = dicoms.part10(dataset, syntax)
    assert pydicom.dcmread(BytesIO(data)).SOPInstanceUID == "1.2.3.4"
    assert by_us(data, read(data)) == by_pydicom(data)
