"""The DICOMweb root that answers name: right directly, behind a proxy, and by setting."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from apps.dicomweb.base import base_url


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
