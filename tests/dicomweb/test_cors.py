"""Pages of other origins: what they may read, and that they change nothing on behalf of who is signed in."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client, RequestFactory
from pytest_django import Settings

from apps.accounts.models import Practice, Token, User
from apps.archive.models import Instance
from config.wsgi import ThinHandler
from tests import dicoms
from tests.conftest import PASSWORD
from tests.dicomweb.archive import ROOT, keep, place

pytestmark = pytest.mark.django_db

VIEWER = "https://viewer.example.org"
EVIL = "https://evil.example.org"
DICOM = "application/dicom"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


Call = Callable[..., Answer]


@pytest.fixture
def call(settings: Settings, user: User) -> Call:
    """Requests through DICOMweb's own stack as a page of another origin makes them, by bearer token."""
    settings.CORS_ORIGINS = [VIEWER]
    settings.THIN_MIDDLEWARE = ["apps.dicomweb.cors.Cors", *site_settings.THIN_MIDDLEWARE]
    _, secret = Token.issue(user, "viewer")

    def send(method: str, address: str, origin: str = VIEWER, **headers: str) -> Answer:
        sent = {"Origin": origin} | ({} if "Cookie" in headers else {"Authorization": f"Bearer {secret}"})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return through_thin_stack(RequestFactory().generic(method, address, headers=sent).environ)

    return send


def through_thin_stack(environ: dict[str, Any]) -> Answer:
    started: list[Any] = []
    response = ThinHandler()(environ, lambda status, headers: started.extend((status, headers)))
    body = b"".join(response)
    response.close()
    return Answer(int(started[0].split()[0]), dict(started[1]), body)


def test_a_preflight_allows_what_viewers_send(call: Call) -> None:
    """Trap: CORS allows Authorization, Accept, Range, If-None-Match, Content-Type (PS3.18 8.9, Fetch 3.2)."""
    answer = call(
        "OPTIONS",
        f"{ROOT}/studies/1.2",
        Authorization="",
        Access_Control_Request_Method="DELETE",
        Access_Control_Request_Headers="authorization,range",
    )
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == VIEWER
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"accept", "authorization", "content-type", "if-none-match", "if-range", "range"} <= allowed


def test_a_page_may_read_the_headers_that_matter(call: Call) -> None:
    answer = call("GET", f"{ROOT}/studies")
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert answer.headers["Access-Control-Allow-Origin"] == VIEWER
    assert {
        *("Content-Type", "Content-Range", "Accept-Ranges", "ETag", "Warning", "Content-Location", "X-Total-Count"),
    } <= exposed


@pytest.mark.parametrize(
    ("address", "status"),
    [(f"{ROOT}/studies/1.2", 404), (f"{ROOT}/studies?limit=x", 400), ("/wado", 400), (f"{ROOT}/nothing", 404)],
)
def test_errors_carry_the_headers_too(call: Call, address: str, status: int) -> None:
    """Trap: without them a page learns nothing of what went wrong."""
    answer = call("GET", address)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, VIEWER)
    assert json.loads(answer.body)["status"] == status


def test_a_fault_carries_the_headers_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("apps.dicomweb.qido.find", broken)
    answer = call("GET", f"{ROOT}/studies")
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (500, VIEWER)


@pytest.mark.parametrize("origin", [EVIL, "null", f"{VIEWER}.evil.org", "http://viewer.example.org", ""])
def test_other_origins_get_no_header(call: Call, origin: str) -> None:
    answer = call("GET", f"{ROOT}/studies", origin=origin)
    assert answer.status == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_only_dicomweb_is_opened(call: Call) -> None:
    assert "Access-Control-Allow-Origin" not in call("GET", "/healthz").headers


def test_without_the_setting_there_is_no_middleware() -> None:
    assert site_settings.CORS_ORIGINS == []
    assert not any("cors" in name for name in site_settings.THIN_MIDDLEWARE)


@pytest.fixture
def stored(practice: Practice) -> str:
    data = dicoms.ct_slice()
    keep(practice, data)
    return place(data)


def post(client: Client, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = dicoms.ct_slice(SOPInstanceUID=dicoms.uid(5, 5))
    return client.post(f"{ROOT}/studies", body, content_type=DICOM, headers=sent).status_code


@pytest.fixture
def browser(client: Client) -> Client:
    """A client with a session's cookie, that says of itself only what a test has it say."""
    client.defaults.clear()
    return client


OWN = "http://testserver"
SOURCES = [
    ({"sec_fetch_site": "same-origin"}, True),
    ({"sec_fetch_site": "same-origin", "origin": OWN}, True),
    ({"origin": OWN}, True),
    ({}, False),
    ({"origin": "null"}, False),
    ({"origin": EVIL}, False),
    ({"sec_fetch_site": "cross-site", "origin": EVIL}, False),
    ({"sec_fetch_site": "same-site", "origin": "http://sub.testserver"}, False),
    ({"sec_fetch_site": "none"}, False),
    ({"sec_fetch_site": "cross-site", "origin": OWN}, False),
    ({"sec_fetch_site": "cross-site", "origin": VIEWER}, False),
    ({"sec_fetch_site": "same-site", "origin": "https://trusted.example.org"}, True),
    ({"origin": "https://trusted.example.org"}, True),
]


@pytest.mark.parametrize(("headers", "may"), SOURCES)
def test_a_session_changes_things_from_the_sites_own_pages_alone(
    browser: Client, stored: str, settings: Settings, headers: dict[str, str], *, may: bool
) -> None:
    settings.CORS_ORIGINS = [VIEWER]
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example.org"]
    before = Instance.objects.count()
    assert post(browser, **headers) == (200 if may else 403)
    assert Instance.objects.count() == before + may
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    assert browser.delete(stored, headers=sent).status_code == (204 if may else 403)
    assert browser.get(stored, headers=sent).status_code == (404 if may else 200)


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        ({}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "cross-site", "origin": VIEWER}, True),
        ({"sec_fetch_site": "cross-site", "origin": EVIL}, False),
        ({"sec_fetch_site": "same-site"}, False),
    ],
)
def test_a_password_that_the_browser_adds_changes_nothing_for_other_sites(
    anonymous: Client, user: User, settings: Settings, headers: dict[str, str], *, may: bool
) -> None:
    settings.CORS_ORIGINS = [VIEWER]
    basic = base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    assert post(anonymous, authorization=f"Basic {basic}", **headers) == (200 if may else 403)


def test_the_sessions_cookie_is_not_sent_by_other_sites() -> None:
    assert site_settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert site_settings.SESSION_COOKIE_HTTPONLY


def test_a_body_is_left_unread_when_the_origin_is_refused(browser: Client) -> None:
    class Unread(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    answer = browser.generic(
        "POST",
        f"{ROOT}/studies",
        content_type=DICOM,
        headers={"sec-fetch-site": "cross-site"},
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": "9"},
    )
    assert answer.status_code == 403
