"""The DICOMweb root that answers name: right directly, behind a proxy, and by setting."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from apps.accounts.models import Practice
from apps.core.errors import Invalid
from apps.dicomweb.base import base_url
from tests import dicoms
from tests.dicomweb.archive import keep, place


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.PUBLIC_URL = ""
    settings.HTTPS = False
    settings.ALLOWED_HOSTS = ["inside", "pacs.example.org", "[::1]"]


def base_with(**headers: str) -> str:
    said = {"Host": "inside:8042"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return base_url(RequestFactory().get("/dicom-web/studies", headers=said))


def test_without_a_proxy_it_is_the_requests_own_host() -> None:
    assert base_with() == "http://inside:8042/dicom-web"


def test_a_header_of_a_proxy_that_is_not_trusted_is_passed_over() -> None:
    assert base_with(x_forwarded_host="pacs.example.org") == "http://inside:8042/dicom-web"


def test_the_public_address_wins(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://images.example.org/pacs/"
    assert base_with(x_forwarded_host="pacs.example.org") == "https://images.example.org/pacs/dicom-web"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_forwarded_host": "pacs.example.org", "x_forwarded_proto": "https"}, "https://pacs.example.org"),
        ({"forwarded": 'for=1.2.3.4;proto=https;host="pacs.example.org:8443"'}, "https://pacs.example.org:8443"),
        ({"forwarded": "host=pacs.example.org;proto=HTTP, host=inside"}, "http://pacs.example.org"),
        ({"forwarded": 'proto=https;host="[::1]:8443"'}, "https://[::1]:8443"),
        (
            {"x_forwarded_host": "pacs.example.org, inside", "x_forwarded_port": "8443", "x_forwarded_proto": "https"},
            "https://pacs.example.org:8443",
        ),
        (
            {"x_forwarded_host": "pacs.example.org", "x_forwarded_port": "443", "x_forwarded_proto": "https"},
            "https://pacs.example.org",
        ),
        ({"x_forwarded_prefix": "/images/", "x_forwarded_proto": "https"}, "https://inside:8042/images"),
        ({"x_forwarded_prefix": "//evil.example.org", "x_forwarded_proto": "https"}, "https://inside:8042"),
        ({"x_forwarded_host": "evil.example.org", "x_forwarded_proto": "https"}, "https://inside:8042"),
        ({"x_forwarded_host": 'pacs.example.org"/x', "x_forwarded_proto": "javascript"}, "http://inside:8042"),
    ],
)
def test_a_trusted_proxy_is_believed(headers: dict[str, str], expected: str, settings: Settings) -> None:
    settings.HTTPS = True
    assert base_with(**headers) == f"{expected}/dicom-web"


def test_a_host_that_is_not_ours_is_told_so() -> None:
    with pytest.raises(Invalid, match="FOVEA_ALLOWED_HOSTS"):
        base_with(Host="evil.example.org")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "root"),
    [
        ({"forwarded": "for=192.0.2.1;proto=https;host=pacs.example.org"}, "https://pacs.example.org"),
        (
            {
                "x-forwarded-proto": "https",
                "x-forwarded-host": "pacs.example.org",
                "x-forwarded-port": "8443",
                "x-forwarded-prefix": "/images",
            },
            "https://pacs.example.org:8443/images",
        ),
    ],
)
def test_every_address_in_an_answer_is_right_behind_a_proxy(
    client: Client, practice: Practice, settings: Settings, headers: dict[str, str], root: str
) -> None:
    """Trap: BulkDataURI and RetrieveURL with the wrong scheme, host or port (PS3.18 8.2, 10.4.1.1.2, F.2.2)."""
    settings.HTTPS, settings.ALLOWED_HOSTS = True, ["testserver", "pacs.example.org"]
    data = dicoms.ct_slice()
    keep(practice, data)
    instance = f"{root}{place(data)}"
    header = client.get(f"{place(data)}/metadata", headers=headers).json()[0]
    assert header["7FE00010"]["BulkDataURI"] == f"{instance}/bulkdata/7FE00010"
    found = client.get("/dicom-web/instances", headers=headers).json()[0]
    assert found["00081190"]["Value"] == [instance]
    frame = client.get(f"{place(data)}/frames/1", headers=headers | {"accept": "multipart/related"})
    assert f"Content-Location: {instance}/frames/1\r\n".encode() in frame.content
    kept = client.post("/dicom-web/studies", data, content_type="application/dicom", headers=headers).json()
    assert kept["00081190"]["Value"] == [instance.partition("/series/")[0]]


@pytest.mark.django_db
def test_every_address_in_an_answer_starts_with_the_public_one(
    client: Client, practice: Practice, settings: Settings
) -> None:
    """Trap: a site below a sub-path of its proxy."""
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://images.example.org/pacs", ["testserver"]
    data = dicoms.ct_slice()
    keep(practice, data)
    for suffix in ("/metadata", ""):
        answer = client.get(f"{place(data)}{suffix}", headers={"accept": "application/json, multipart/related"})
        assert f"https://images.example.org/pacs{place(data)}".encode() in answer.content
        assert b"testserver" not in answer.content
