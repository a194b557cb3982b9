"""What every answer of both stacks tells a browser."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.core import policies
from apps.core.browsers import DataHeaders, PageHeaders
from tests.security.asking import Told, ask

pytestmark = pytest.mark.django_db

PAGES = ["/accounts/login/", "/nowhere"]
DATA = [
    "/api/me",
    "/api/schema",
    "/dicom-web/studies",
    "/dicom-web/nowhere",
    "/healthz",
    "/metrics",
    "/wado?requestType=WADO",
]


def directives(policy: str) -> dict[str, str]:
    return dict((*part.strip().split(" ", 1), "")[:2] for part in policy.split(";"))


@pytest.mark.parametrize("address", [*PAGES, *DATA, "/admin/login/", "/api/docs/", "/viewer/"])
def test_every_answer_is_guarded(address: str) -> None:
    told = ask(address, HTTP_ACCEPT="text/html")
    assert told.fields["x-content-type-options"] == "nosniff"
    assert told.fields["referrer-policy"] == "same-origin"
    assert told.fields["cross-origin-resource-policy"] == "same-origin"
    policy = directives(told.policy)
    assert policy["default-src"] in {"'none'", "'self'"}
    assert policy["frame-ancestors"] in {"'none'", "'self'"}
    assert "'unsafe-inline'" not in policy.get("script-src", "")


@pytest.mark.parametrize("address", PAGES)
def test_pages_run_our_own_scripts_alone(address: str) -> None:
    told = ask(address, HTTP_ACCEPT="text/html")
    assert told.policy == policies.PAGE
    assert directives(told.policy)["script-src"] == "'self'"
    assert "camera=()" in told.fields["permissions-policy"]
    assert told.fields["x-frame-options"] == "DENY"
    assert "no-store" in told.fields["cache-control"]


@pytest.mark.parametrize("address", DATA)
def test_data_run_nothing(address: str) -> None:
    assert ask(address, HTTP_ACCEPT="application/json").policy == policies.DATA
    assert "sandbox" in policies.DATA


def test_the_admin_lets_its_framework_evaluate_and_nothing_inline_run(client: Client) -> None:
    told = ask("/admin/login/", HTTP_ACCEPT="text/html")
    assert told.policy == policies.ADMIN
    assert directives(policies.ADMIN)["script-src"] == "'self' 'unsafe-eval'"


def test_no_policy_names_another_host_or_a_wildcard() -> None:
    for policy in (policies.PAGE, policies.ADMIN, policies.DATA):
        assert "http" not in policy
        assert "*" not in policy


def answered_by(stack: type[DataHeaders] | type[PageHeaders], response: HttpResponse, address: str = "/") -> Told:
    request = HttpRequest()
    request.path_info = address
    answer = stack(lambda _: response)(request)
    return Told(answer.status_code, {name.lower(): value for name, value in answer.items()}, b"")


@pytest.mark.parametrize("stack", [DataHeaders, PageHeaders])
def test_a_view_is_not_overruled(stack: type[DataHeaders]) -> None:
    own = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "private, no-cache"}
    told = answered_by(stack, HttpResponse(headers=own))
    assert told.policy == own["Content-Security-Policy"]
    assert told.fields["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("stack", [DataHeaders, PageHeaders])
def test_not_modified_leaves_the_policy_that_the_browser_has(stack: type[DataHeaders]) -> None:
    assert not answered_by(stack, HttpResponse(status=304)).policy


def test_what_others_may_use_can_be_loaded_by_pages_of_the_same_site(settings: Settings) -> None:
    settings.CORS_ORIGINS = ["https://viewer.example.org"]
    told = answered_by(DataHeaders, HttpResponse())
    assert told.fields["cross-origin-resource-policy"] == "same-site"


def test_a_fault_of_the_servers_own_is_guarded_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.core.paging.BoundedPaging.paginate_queryset", lambda *_, **__: 1 / 0)
    client.raise_request_exception = False
    answer = client.get(reverse("api-studies"))
    assert answer.status_code == 500
    assert answer["Content-Security-Policy"] == policies.DATA
    assert answer["X-Content-Type-Options"] == "nosniff"
