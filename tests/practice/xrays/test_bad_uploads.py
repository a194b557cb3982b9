"""Uploads that must be refused: which field, and nothing stored."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.archive.models import Instance, Quarantined
from apps.practice.models import XRay
from tests import dicoms
from tests.practice.xrays.images import XRAYS, a_lead, encoded, fields_of, jpeg, noise, shades, upload

pytestmark = pytest.mark.django_db

BOUNDARY = "x"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture(autouse=True)
def nothing_is_stored(settings: Settings, db: None) -> Iterator[None]:
    yield
    assert not XRay.objects.exists()
    assert not Instance.objects.exists()
    assert not Quarantined.objects.exists()
    left = [path for path in Path(settings.DATA).rglob("*") if path.is_file() and "sqlite" not in path.name]
    assert not [path for path in left if path.stat().st_size > 16 and "lock" not in path.name], left


def tiff_of(pages: int) -> bytes:
    out = BytesIO()
    pictures = [Image.fromarray(shades(seed=page)) for page in range(pages)]
    pictures[0].save(out, "TIFF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def bomb() -> bytes:
    """A small PNG that says that it is enormous."""
    data = bytearray(encoded(np.zeros((8, 8), np.uint8), "PNG"))
    data[16:24] = (60000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


BAD_FILES = {
    "a text called a picture": b"This is no picture at all.\n" * 20,
    "nothing": b"",
    "a zip": b"PK\x03\x04" + bytes(60),
    "half a JPEG": jpeg()[: len(jpeg()) // 2],
    "half a PNG": encoded(noise(), "PNG")[:2000],
    "a picture of several pages": tiff_of(3),
    "a bomb": bomb(),
    "half a DICOM file": dicoms.ct_slice()[:700],
    "a report": dicoms.encapsulated_pdf(),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named(client: Client, practice: Practice, name: str) -> None:
    response = upload(client, BAD_FILES[name], "a.jpg", leadId=a_lead(practice).pk, xrayType="PANORAMIC")
    assert response.status_code == 400, response.content
    assert fields_of(response) == {"file"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("xrayType", "SKELETON"), ("dateTaken", "yesterday"), ("dateTaken", "2024-02-31"), ("teeth", "16, 99"),
        ("leadId", "0"), ("leadId", "x"), ("leadId", "987654321"), ("notes", "n" * 3000), ("userId", "u" * 80),
        ("colour", "blue"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("data", [jpeg(), dicoms.ct_slice()], ids=["picture", "dicom"])
def test_a_bad_field_is_named(client: Client, practice: Practice, data: bytes, field: str, value: str) -> None:
    response = upload(client, data, **{"leadId": a_lead(practice).pk, field: value})
    assert response.status_code == 400, response.content
    assert fields_of(response) == {field}


def test_a_picture_needs_a_lead(client: Client) -> None:
    assert fields_of(upload(client, jpeg(), xrayType="PHOTO")) == {"leadId"}


def test_a_lead_of_another_practice_looks_like_none(client: Client, other_practice: Practice) -> None:
    response = upload(client, jpeg(), leadId=a_lead(other_practice).pk)
    assert (response.status_code, fields_of(response)) == (400, {"leadId"})


def test_a_form_without_a_file(client: Client, practice: Practice) -> None:
    assert fields_of(upload(client, None, leadId=a_lead(practice).pk)) == {"file"}


def test_two_files_at_once(client: Client, practice: Practice) -> None:
    parts = b"".join(_part(f'name="file"; filename="{n}.dcm"', dicoms.ct_slice()) for n in (1, 2))
    response = client.generic("POST", XRAYS, parts + b"--x--\r\n", FORM)
    assert (response.status_code, fields_of(response)) == (400, {"file"})


@pytest.mark.parametrize("data", [jpeg(), dicoms.ct_slice()], ids=["picture", "dicom"])
def test_half_a_form(client: Client, practice: Practice, data: bytes) -> None:
    body = _part('name="leadId"', str(a_lead(practice).pk).encode()) + _part('name="file"; filename="a"', data)
    assert client.generic("POST", XRAYS, body[:-20], FORM).status_code == 400


def test_the_rest_of_the_form_after_the_file_counts(client: Client, practice: Practice) -> None:
    body = _part('name="file"; filename="a"', dicoms.ct_slice()) + _part('name="xrayType"', b"SKELETON")
    response = client.generic("POST", XRAYS, body + b"--x--\r\n", FORM)
    assert (response.status_code, fields_of(response)) == (400, {"xrayType"})


def test_another_kind_of_body(client: Client) -> None:
    response = client.post(XRAYS, {"leadId": 1}, content_type="application/json")
    assert response.status_code == 415


def test_too_large_a_body(client: Client, settings: Settings) -> None:
    settings.MAX_INSTANCE_BYTES = 1 << 20
    assert upload(client, bytes(4 << 20)).status_code == 413


def _part(disposition: str, data: bytes) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + data + b"\r\n"


def test_more_text_than_a_field_holds(client: Client, practice: Practice) -> None:
    assert upload(client, jpeg(), leadId=a_lead(practice).pk, notes="n" * 20_000).status_code == 413
