"""What the server says of itself (PS3.18 8.9), OPTIONS on every resource, and slashes too many."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver

from apps.accounts.models import Token, User
from apps.archive.models import Instance
from apps.dicomweb.capabilities import NAMESPACE, WADL
from apps.dicomweb.routes import ROUTES
from config.wsgi import application
from tests import dicoms
from tests.dicomweb.archive import ROOT

EXAMPLES = {
    "study": "1.2",
    "series": "1.3",
    "instance": "1.4",
    "numbers": "1,2",
    "number": "1",
    "path": "7FE00010",
    "workitem": "1.5",
    "aetitle": "WATCHER",
}
ADDRESSES = {
    f"{ROOT}/{route.template.format(**EXAMPLES)}": {*route.transactions, "OPTIONS"}
    | ({"HEAD"} if "GET" in route.transactions else set())
    for route in ROUTES
}


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("accept", ["", "*/*", WADL, f"{WADL};q=0.5, application/pdf"])
def test_the_root_describes_itself(anonymous: Client, method: str, slash: str, accept: str) -> None:
    """Trap: OPTIONS on the root gives the capabilities (PS3.18 8.9.1)."""
    headers = {"accept": accept} if accept else {}
    answer = anonymous.generic(method, ROOT + slash, headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (200, WADL)
    assert ET.fromstring(answer.content).tag == f"{{{NAMESPACE}}}application"


def test_what_the_root_can_not_be_given_as(anonymous: Client) -> None:
    assert anonymous.options(ROOT, headers={"accept": "application/pdf"}).status_code == 406


def described(element: ET.Element, path: str = "") -> Iterator[tuple[str, str]]:
    """The addresses and methods that a WADL document describes."""
    for method in element.findall(f"{{{NAMESPACE}}}method"):
        yield path, method.attrib["name"]
    for child in element.findall(f"{{{NAMESPACE}}}resource"):
        yield from described(child, f"{path}/{child.attrib['path']}".lstrip("/"))


def test_the_description_holds_every_resource_once(anonymous: Client) -> None:
    """PS3.18 annex H: one application, its resources with the service's address, all methods."""
    document = ET.fromstring(anonymous.options(f"{ROOT}/").content)
    (resources,) = document
    assert resources.attrib["base"] == f"http://testserver{ROOT}/"
    listed = sorted(described(resources))
    assert listed == sorted((route.template, method) for route in ROUTES for method in route.transactions)
    assert ("studies/{study}", "DELETE") in listed


def test_the_description_in_json_is_the_same(anonymous: Client) -> None:
    answer = anonymous.options(f"{ROOT}/", headers={"accept": "application/json"})
    found = json.loads(answer.content)
    assert answer["Content-Type"] == "application/json"
    assert [resource["path"] for resource in found["resources"]] == [route.template for route in ROUTES]
    assert found["resources"][0]["methods"][0]["section"] == "10.4"


def test_the_description_names_the_public_address(anonymous: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://images.example.org/pacs"
    document = ET.fromstring(anonymous.options(f"{ROOT}/").content)
    assert document[0].attrib["base"] == "https://images.example.org/pacs/dicom-web/"


def test_every_address_is_described() -> None:
    """A view that is reached without being in the table would be missing from it."""
    patterns = {f"^dicom-web/{route.pattern}/?$" for route in ROUTES} | {"^dicom-web/?$", "^wado/?$", "^dicom-web/"}
    ours = {
        str(each.pattern) for include in get_resolver().url_patterns for each in getattr(include, "url_patterns", [])
    }
    assert {pattern for pattern in ours if re.match(r"\^(dicom-web|wado)", pattern)} == patterns


@pytest.mark.parametrize(("address", "methods"), ADDRESSES.items())
@pytest.mark.parametrize("slash", ["", "/"])
def test_options_works_on_every_resource(anonymous: Client, address: str, methods: set[str], slash: str) -> None:
    """Trap: HEAD and OPTIONS work wherever GET does (RFC 9110 9.3.7)."""
    answer = anonymous.options(address + slash)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer["Allow"].split(", ")) == methods


def test_another_method_is_told_the_ones_there_are(anonymous: Client) -> None:
    answer = anonymous.put(f"{ROOT}/studies")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.parametrize("address", ["nothing", "studies/abc", "studies/1.2/nothing", "studies/1.2/series/x/metadata"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_address_of_nothing_is_a_problem_for_people(anonymous: Client, method: str, address: str) -> None:
    answer = anonymous.generic(method, f"{ROOT}/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def through(method: str, address: str, secret: str, body: bytes = b"") -> tuple[str, bytes]:
    """The status and the body of a request to the whole application, as a server hands it over."""
    started: list[Any] = []
    environ = RequestFactory().generic(method, "/", body, content_type="application/dicom").environ
    environ |= {"PATH_INFO": address, "wsgi.input": BytesIO(body), "HTTP_AUTHORIZATION": f"Bearer {secret}"}
    answer = application(environ, lambda status, headers: started.extend((status, headers)))
    return started[0], b"".join(answer)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/dicom-web/studies/", "/dicom-web//studies", "//dicom-web/studies//"])
def test_slashes_too_many_lose_no_body(user: User, address: str) -> None:
    """Trap: a trailing or double slash neither answers 404 nor redirects a POST (PS3.18 8.2)."""
    _, secret = Token.issue(user, "modality")
    status, _ = through("POST", address, secret, dicoms.ct_slice())
    assert status.startswith("200")
    assert Instance.objects.count() == 1
