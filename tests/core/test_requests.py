"""What a client and the log see of a request, in both stacks."""

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from apps.accounts.models import User
from apps.core import logs
from apps.core.errors import NotFound, SignInRequired, Unavailable
from apps.core.requests import request_id
from config.wsgi import ThinHandler

PATIENT = "DOE^JANE"


def greet(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(request_id())


def whoami(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


def missing(request: HttpRequest) -> HttpResponse:
    raise NotFound("There is no such study.")


def closed(request: HttpRequest) -> HttpResponse:
    raise SignInRequired


def away(request: HttpRequest) -> HttpResponse:
    raise Unavailable("The storage does not answer.")


def broken(request: HttpRequest, name: str) -> HttpResponse:
    raise ValueError(f"cannot read {name}")


def database(request: HttpRequest) -> HttpResponse:
    raise OperationalError(f"row ({PATIENT})")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[bytes]:
        yield request_id().encode()
        yield b"-end"

    return StreamingHttpResponse(chunks())


def broken_stream(request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[bytes]:
        yield b"start"
        raise ValueError(PATIENT)

    return StreamingHttpResponse(chunks())


urlpatterns = [
    path("greet/<str:name>", greet),
    path("broken/<str:name>", broken),
    *(path(view.__name__, view) for view in (whoami, missing, closed, away, database, stream, broken_stream)),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@dataclass
class Log:
    """A log in JSON."""

    stream: io.StringIO

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]

    def only(self) -> dict[str, Any]:
        (line,) = self.lines()
        return line

    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def log() -> Iterator[Log]:
    """What the requests of a test write to the log."""
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.setFormatter(logs.Json())
    logging.getLogger().addHandler(handler)
    yield Log(stream)
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def quiet(anonymous: Client) -> Client:
    """A client that gets the answer to an error instead of the exception."""
    anonymous.raise_request_exception = False
    return anonymous


def thin(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A request through the stack of DICOMweb."""
    started: list[Any] = []
    environ = RequestFactory().get(address, **headers).environ
    response = ThinHandler()(environ, lambda status, headers: started.extend((status, headers)))
    body = b"".join(response)
    response.close()
    return int(started[0].split()[0]), dict(started[1]), body


def test_a_request_gets_an_id_that_the_view_sees(anonymous: Client) -> None:
    response = anonymous.get("/greet/x")
    assert response["X-Request-ID"] == response.content.decode()
    assert request_id() == ""


def test_a_sane_id_of_the_client_is_kept(anonymous: Client) -> None:
    assert anonymous.get("/greet/x", HTTP_X_REQUEST_ID="proxy-0123456789").content == b"proxy-0123456789"


@pytest.mark.parametrize("given", ["short", "a" * 37, 'x"}\n{"level":', "a b c d e f g"])
def test_an_odd_id_of_the_client_is_replaced(anonymous: Client, given: str) -> None:
    assert anonymous.get("/greet/x", HTTP_X_REQUEST_ID=given)["X-Request-ID"] != given


def test_the_line_names_the_route_and_never_the_path_or_the_query(anonymous: Client, log: Log) -> None:
    response = anonymous.get(f"/greet/{PATIENT}", {"PatientName": PATIENT})
    line = log.only()
    assert (line["method"], line["route"], line["status"]) == ("GET", "greet/<str:name>", 200)
    assert line["bytes"] == len(response.content)
    assert line["request_id"] == response["X-Request-ID"]
    assert PATIENT not in log.text()


def test_an_unknown_address_is_not_written_down(anonymous: Client, log: Log) -> None:
    anonymous.get(f"/nowhere/{PATIENT}")
    line = log.only()
    assert (line["route"], line["status"]) == ("unknown", 404)
    assert PATIENT not in log.text()


def test_a_fault_is_logged_with_its_stack_and_without_its_values(quiet: Client, log: Log) -> None:
    response = quiet.get(f"/broken/{PATIENT}")
    line = log.only()
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["requestId"] == line["request_id"]
    assert line["error"] == "builtins.ValueError"
    assert "in broken" in line["stack"]
    assert PATIENT not in log.text() + response.content.decode()


def test_a_browser_gets_a_page_for_a_fault(quiet: Client) -> None:
    response = quiet.get("/broken/x", HTTP_ACCEPT="text/html,*/*")
    assert response["Content-Type"].startswith("text/html")


def test_a_database_that_is_away_is_unavailable_and_not_a_fault(quiet: Client, log: Log) -> None:
    response = quiet.get("/database")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "database" in response.json()["detail"]
    assert log.only()["error"] == "django.db.utils.OperationalError"
    assert PATIENT not in log.text()


def test_an_error_becomes_a_problem_document(quiet: Client) -> None:
    response = quiet.get("/missing")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["title"] == "Not found"
    assert response.json()["detail"] == "There is no such study."


def test_the_thin_stack_answers_errors_alike(log: Log) -> None:
    status, headers, body = thin("/missing")
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(body)["requestId"] == headers["X-Request-ID"]
    assert log.only()["route"] == "missing"


def test_the_thin_stack_logs_a_fault(log: Log) -> None:
    status, headers, _ = thin("/away")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert log.only()["error"] == "apps.core.errors.Unavailable: The storage does not answer."


def test_a_program_is_asked_for_a_password() -> None:
    status, headers, _ = thin("/closed")
    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="Fovea", charset="UTF-8"')


def test_a_page_in_a_browser_is_not_asked_for_a_password() -> None:
    status, headers, _ = thin("/closed", HTTP_SEC_FETCH_MODE="cors")
    assert status == 401
    assert "WWW-Authenticate" not in headers


def test_a_stream_is_logged_when_it_ends(anonymous: Client, log: Log) -> None:
    response = anonymous.get("/stream")
    assert not log.lines()
    body = b"".join(response.streaming_content)
    line = log.only()
    assert body.decode() == line["request_id"] + "-end"
    assert line["bytes"] == len(body)


def test_a_stream_that_breaks_is_logged_as_a_fault(anonymous: Client, log: Log) -> None:
    response = anonymous.get("/broken_stream")
    with pytest.raises(ValueError, match=re.escape(PATIENT)):
        list(response.streaming_content)
    line = log.only()
    assert (line["level"], line["error"]) == ("ERROR", "builtins.ValueError")
    assert PATIENT not in log.text()


def test_the_line_names_who_signed_in(client: Client, user: User, log: Log) -> None:
    client.get("/whoami")
    assert log.only()["user"] == user.username
