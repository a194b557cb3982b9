"""pydicom's reading of an object, brought into the form that ours must equal.

The differences that are intended are levelled here, and nowhere else: text without padding and NUL, no Value for
nothing, null for nothing among several, ISO_IR 192 as the character set, numbers that JSON can't say as
text, bulk data compared by its bytes, encapsulated pixel data always OB, no group 0000.
"""

import math
import warnings
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.data.data_manager import DATA_ROOT
from pydicom.dataset import Dataset

from apps.dicom.header import Header
from apps.dicom.values import Element, swapped

PIXELS = ("7FE00010", "7FE00008", "7FE00009")
Comparable = dict[str, tuple[str, Any]]


def bundled_files() -> list[Path]:
    """Return all files that pydicom brings along, without looking for more elsewhere."""
    return sorted(path for path in Path(DATA_ROOT, "test_files").rglob("*") if path.is_file())


def pydicom_read(data: bytes) -> Dataset:
    """Return the data set as pydicom reads it, in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(BytesIO(data), force=True)


LONG_TEXTS = frozenset({"LT", "ST", "UT"})


def by_pydicom(data: bytes) -> Comparable:
    """Return what pydicom reads, in comparable form."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _dataset(pydicom_read(data))


def by_us(data: bytes, header: Header) -> Comparable:
    """Return the data set as `header` has it, with the bytes of its bulk data."""
    return _elements(header.attributes, header, header.inflated or data, "")


def _elements(elements: dict[str, Element], header: Header, body: bytes, path: str) -> Comparable:
    return {key: _element(element, header, body, path + key) for key, element in elements.items()}


def _element(element: Element, header: Header, body: bytes, path: str) -> tuple[str, Any]:
    vr = element["vr"]
    if vr == "SQ":
        items = enumerate(element.get("Value", []), start=1)
        return vr, [_elements(item, header, body, f"{path}.{number}.") for number, item in items]
    if "BulkDataURI" in element:
        value = header.bulk[path]
        if value.length is None:
            return vr, "encapsulated"
        return vr, swapped(body[value.offset : value.offset + value.length], value.swap)
    if "InlineBinary" in element:
        return vr, b64decode(element["InlineBinary"])
    return vr, element.get("Value", [])


def _dataset(dataset: Dataset) -> Comparable:
    tags = [tag for tag in dataset.keys() if tag.element != 0 and tag.group not in (0, 2, 0xFFFE)]  # noqa: SIM118
    return {f"{tag.group:04X}{tag.element:04X}": _data_element(dataset, tag) for tag in sorted(tags)}


def _data_element(dataset: Dataset, tag: Any) -> tuple[str, Any]:
    try:
        element = dataset[tag]
        if element.VR == "SQ":
            return "SQ", [_dataset(item) for item in element.value]
        as_json = element.to_json_dict(None, 0)
    except ValueError as error:
        return "pydicom can't", str(error)
    if tag == 0x00080005:
        return "CS", ["ISO_IR 192"]
    if "InlineBinary" in as_json:
        return _binary(dataset, element, b64decode(as_json["InlineBinary"]))
    values = [_value(value, element.VR) for value in as_json.get("Value", [])]
    return as_json["vr"], [] if values == [None] else values


def _binary(dataset: Dataset, element: Any, raw: bytes) -> tuple[str, Any]:
    if element.is_undefined_length:
        return "OB", "encapsulated"
    sizes = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
    size = 1 if dataset.original_encoding[1] else sizes.get(element.VR, 1)
    return str(element.VR), swapped(raw, size)


def _value(value: Any, vr: str) -> Any:
    if isinstance(value, str):
        # Before a text of these VRs a space is significant (PS3.5 6.2).
        kept = value.replace("\0", "").rstrip(" ")
        return (kept if vr in LONG_TEXTS else kept.lstrip(" ")) or None
    if isinstance(value, dict):
        groups = {name: group.replace("\0", "").strip(" ") for name, group in value.items()}
        return {name: group for name, group in groups.items() if group} or None
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    return value
