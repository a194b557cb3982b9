"""How much anybody may send to the addresses that take no objects."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from tests.live import Site
from tests.security.asking import ask

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/accounts/login/", "/admin/login/", "/api/me", "/viewer/", "/nowhere"])
def test_a_form_larger_than_any_is_refused_before_it_is_read(address: str, settings: Settings) -> None:
    body = io.BytesIO(b"x")
    told = ask(address, "POST", CONTENT_LENGTH=str(settings.MAX_FORM_BYTES + 1), **{"wsgi.input": body})
    assert told.status == 413
    assert b"at most 10 MiB at once" in told.body
    assert body.tell() == 0


def test_a_file_that_nobody_asked_for_is_not_written_to_the_disk(client: Client, settings: Settings) -> None:
    settings.MAX_FORM_BYTES = 4096
    file = SimpleUploadedFile("large", b"x" * 5000)
    assert client.post("/accounts/login/", {"username": "nora", "file": file}).status_code == 413


def test_a_form_of_very_many_fields_is_refused(anonymous: Client) -> None:
    answer = anonymous.post("/accounts/login/", {f"field{number}": "" for number in range(1100)})
    assert answer.status_code == 400


def test_dicomweb_has_bounds_of_its_own(settings: Settings) -> None:
    assert settings.MAX_BODY_BYTES > settings.MAX_FORM_BYTES
    told = ask("/dicom-web/studies", "POST", CONTENT_LENGTH=str(settings.MAX_FORM_BYTES + 1))
    assert told.status == 401


@pytest.mark.one_database
def test_a_head_larger_than_any_is_refused_by_the_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Site(tmp_path_factory.mktemp("limits")) as site, site.serving() as server:
        assert server.request("GET", "/healthz").status == 200
        assert server.request("GET", "/healthz", X_Long="x" * (1 << 20)).status == 431
        assert server.request("GET", f"/{'x' * (1 << 17)}").status == 414
        assert server.request("GET", "/healthz", **{f"X_{number}": "x" for number in range(300)}).status == 431
