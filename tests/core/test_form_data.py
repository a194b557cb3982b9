"""Forms with files, read as a stream."""

import contextlib

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from apps.core import form_data
from apps.core.errors import FoveaError, Invalid, TooLarge, Unsupported
from apps.core.multipart import Limits

LIMITS = Limits(part_bytes=4 << 20)


def read(body: bytes, content_type: str = "multipart/form-data; boundary=b") -> list[tuple[str, str | None, bytes]]:
    request = RequestFactory().generic("POST", "/", body, content_type)
    found = form_data.items(request, body_bytes=8 << 20, limits=LIMITS)
    return [(item.name, item.file_name, b"".join(map(bytes, item.chunks))) for item in found]


def form(*parts: tuple[str, bytes]) -> bytes:
    joined = b"".join(
        b"--b\r\nContent-Disposition: " + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts
    )
    return joined + b"--b--\r\n"


def test_fields_and_files_come_in_order() -> None:
    body = form(('form-data; name="leadId"', b"7"), ('form-data; name="files"; filename="a.dcm"', b"\0\1"))
    assert read(body) == [("leadId", None, b"7"), ("files", "a.dcm", b"\0\1")]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('filename="Röntgen.jpg"', "Röntgen.jpg"),
        ("filename*=UTF-8''R%C3%B6ntgen.jpg", "Röntgen.jpg"),
        ('filename="a\x01b"', "a�b"),
        ('filename="' + "x" * 300 + '"', "x" * 255),
    ],
)
def test_a_file_keeps_a_name_that_can_be_shown(written: str, name: str) -> None:
    assert read(form((f'form-data; name="files"; {written}', b"")))[0][1] == name


def test_a_text_is_bounded_and_in_utf8() -> None:
    def text(data: bytes) -> str:
        request = RequestFactory().generic(
            "POST", "/", form(('form-data; name="n"', data)), "multipart/form-data; boundary=b"
        )
        return next(form_data.items(request, body_bytes=8 << 20, limits=LIMITS)).text()

    assert text("é".encode()) == "é"
    with pytest.raises(TooLarge, match="2 MiB"):
        text(b"x" * (form_data.FIELD_BYTES + 1))
    with pytest.raises(Invalid) as caught:
        text(b"\xff")
    assert caught.value.errors == (("n", "This is not text in UTF-8."),)


@pytest.mark.parametrize("head", ["form-data", 'attachment; name="x"', ""])
def test_a_part_that_names_no_field_is_refused(head: str) -> None:
    with pytest.raises(Invalid, match="which field"):
        read(form((head, b"")))


def test_another_kind_of_body_is_refused() -> None:
    with pytest.raises(Unsupported):
        read(b"{}", "application/json")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    with contextlib.suppress(FoveaError):
        read(b"--b\r\nContent-Disposition: " + noise)
