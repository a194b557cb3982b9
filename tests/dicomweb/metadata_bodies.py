"""Bodies of metadata and bulk data (PS3.18 8.6.1.2.2), made of what the server itself has told and given."""

from collections.abc import Iterable
from typing import Any

import orjson
from django.test import Client
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

from apps.dicom.reader import read
from apps.dicom.xml_model import native_model
from tests import dicoms
from tests.dicomweb.multiparts import parts_of

BOUNDARY = "9dTq4Mhx"
JSON, XML = "application/dicom+json", "application/dicom+xml"
ANY_FRAME = "multipart/related; type=*/*; transfer-syntax=*"
STUDIES = "/dicom-web/studies"
INSTANCE = f"{STUDIES}/{dicoms.STUDY_UID}/series/{dicoms.SERIES_UID}/instances/{dicoms.uid(1, 1, 1)}"
FAILED, STORED, OTHERS = "00081198", "00081199", "0008119A"
PIXELS, FRAMES, AVAILABLE = "7FE00010", "00280008", "00083002"
OCTETS = "application/octet-stream"

Part = tuple[str, str, bytes]


def multipart_type(metadata_type: str) -> str:
    return f'multipart/related; type="{metadata_type}"; boundary="{BOUNDARY}"'


def body_of(parts: Iterable[Part]) -> bytes:
    """A multipart body; each part has a media type, an address (or none) and bytes."""
    pieces = []
    for media_type, location, content in parts:
        header = f"Content-Type: {media_type}\r\n" + (f"Content-Location: {location}\r\n" if location else "")
        pieces.append(f"--{BOUNDARY}\r\n{header}\r\n".encode() + content + b"\r\n")
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def metadata_parts(metadata_type: str, data_sets: list[dict[str, Any]]) -> list[Part]:
    """The metadata as one part of JSON, or a part of XML for each data set."""
    if metadata_type == JSON:
        return [(JSON, "", orjson.dumps(data_sets))]
    return [(XML, "", native_model(data_set)) for data_set in data_sets]


def bulk_addresses(attributes: Any) -> Iterable[tuple[str, str]]:
    """The tag and address of every bulk data value, at any depth."""
    for tag, element in attributes.items():
        if "BulkDataURI" in element:
            yield tag, element["BulkDataURI"]
        for item in element.get("Value", ()) if element["vr"] == "SQ" else ():
            yield from bulk_addresses(item)


def bulk_parts(client: Client, attributes: dict[str, Any], instance: str) -> list[Part]:
    """Every bulk data value of an instance: pixel data frame by frame as stored, the others whole."""
    found: list[Part] = []
    for tag, address in bulk_addresses(attributes):
        count = int(attributes.get("00280008", {}).get("Value", [1])[0])
        numbers = ",".join(str(number) for number in range(1, count + 1))
        is_pixels = tag == "7FE00010"
        path = f"{instance}/frames/{numbers}" if is_pixels else address.removeprefix("http://testserver")
        response = client.get(path, headers={"accept": ANY_FRAME} if is_pixels else {"accept": "multipart/related"})
        assert response.status_code == 200, response.content
        content = b"".join(response.streaming_content) if response.streaming else response.content
        found += [
            (headers["content-type"], address, body) for headers, body in parts_of(response["Content-Type"], content)
        ]
    return found


def post(client: Client, parts: Iterable[Part], metadata_type: str = JSON, path: str = STUDIES, **headers: Any) -> Any:
    return client.post(path, body_of(parts), content_type=multipart_type(metadata_type), **headers)


def image(**elements: Any) -> dict[str, Any]:
    """The metadata of a CT slice of 64 x 64 pixels, which are at the address `pixels`; None leaves an element out."""
    attributes = read(dicoms.ct_slice()).attributes
    attributes[PIXELS] = {"vr": "OW", "BulkDataURI": "pixels"}
    attributes |= {tag.removeprefix("x"): element for tag, element in elements.items()}
    return {tag: element for tag, element in attributes.items() if element is not None}


def native() -> Part:
    return (OCTETS, "pixels", bytes(range(256)) * 32)


def items(response: Any, tag: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = response.json().get(tag, {}).get("Value", [])
    return found


def failure(response: Any, tag: str = FAILED) -> tuple[int, str]:
    """The failure reason of the only failed instance, in code and in words."""
    (item,) = items(response, tag)
    return item["00081197"]["Value"][0], item["00091001"]["Value"][0]


def file_of(client: Client, instance: str = INSTANCE) -> Any:
    """What was stored, as pydicom reads it."""
    response = client.get(instance, headers={"accept": "application/dicom; transfer-syntax=*"})
    assert response.status_code == 200
    return dcmread(DicomBytesIO(response.content))
