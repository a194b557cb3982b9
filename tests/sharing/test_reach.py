"""What whoever has opened a link reaches: what is shared. Everything else is tried."""

import base64

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Token, User
from tests import dicoms
from tests.conftest import PASSWORD
from tests.sharing.conftest import (
    ELSEWHERE,
    ELSEWHERE_INSTANCE,
    ELSEWHERE_SERIES,
    SERIES,
    STUDY,
    NewLink,
    mounted,
    share_of,
)
from tests.sharing.outside import Outside

INSTANCE = dicoms.uid(1, 1, 1)
SHARED = f"studies/{STUDY}/series/{SERIES}/instances/{INSTANCE}"
OTHER = f"studies/{ELSEWHERE}/series/{ELSEWHERE_SERIES}/instances/{ELSEWHERE_INSTANCE}"
READ = ("{study}/metadata", "{study}/rendered", "{study}/thumbnail", "{series}/metadata", "{series}/thumbnail")
READ_ONE = (
    "{instance}/metadata",
    "{instance}/frames/1",
    "{instance}/frames/1/rendered",
    "{instance}/bulkdata/7FE00010",
)
FILES = ("{study}", "{series}", "{instance}")
URI = "requestType=WADO&studyUID={}&seriesUID={}&objectUID={}"


def root(outside: Outside, link: str) -> str:
    """Open the link; gives the DICOMweb root below it."""
    assert outside.open(link).status == 302
    return f"{mounted(link)}/dicom-web"


def at(instance: str, pattern: str) -> str:
    """An address of the instance, its series or its study."""
    series = instance.partition("/instances/")[0]
    return pattern.format(instance=instance, series=series, study=series.partition("/series/")[0])


@pytest.mark.parametrize("pattern", READ + READ_ONE)
def test_what_is_shared_can_be_looked_at_and_nothing_else(outside: Outside, new_link: NewLink, pattern: str) -> None:
    base = root(outside, new_link())
    accept = {"Accept": "*/*, multipart/related"}
    assert outside.get(f"{base}/{at(SHARED, pattern)}", headers=accept).status == 200
    assert outside.get(f"{base}/{at(OTHER, pattern)}", headers=accept).status == 404


@pytest.mark.parametrize("pattern", FILES)
def test_files_go_with_the_permission_to_take_them_away(outside: Outside, new_link: NewLink, pattern: str) -> None:
    accept = {"Accept": 'multipart/related; type="application/dicom"'}
    base = root(outside, new_link())
    assert outside.get(f"{base}/{at(SHARED, pattern)}", headers=accept).status == 403
    base = root(outside, new_link(may_download=True))
    assert outside.get(f"{base}/{at(SHARED, pattern)}", headers=accept).status == 200
    assert outside.get(f"{base}/{at(OTHER, pattern)}", headers=accept).status == 404


def test_by_wado_uri(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    root(outside, link)
    shared, other = (URI.format(*each.split("/")[1::2]) for each in (SHARED, OTHER))
    assert outside.get(f"{mounted(link)}/wado?{shared}").status == 200
    assert outside.get(f"{mounted(link)}/wado?{shared}&contentType=application/dicom").status == 403
    assert outside.get(f"{mounted(link)}/wado?{other}").status == 404


@pytest.mark.parametrize("level", ["studies", "series", "instances"])
def test_searches_find_what_is_shared(outside: Outside, new_link: NewLink, level: str) -> None:
    base = root(outside, new_link())
    found = outside.get(f"{base}/{level}")
    assert {row["0020000D"]["Value"][0] for row in found.json()} == {STUDY}
    assert found.headers["X-Total-Count"] == str(len(found.json()))
    assert outside.get(f"{base}/{level}?StudyInstanceUID={ELSEWHERE}").json() == []


@pytest.mark.parametrize("below", ["series", "instances", f"series/{ELSEWHERE_SERIES}/instances"])
def test_searches_below_another_study_find_nothing(outside: Outside, new_link: NewLink, below: str) -> None:
    base = root(outside, new_link())
    assert outside.get(f"{base}/studies/{ELSEWHERE}/{below}").json() == []


def test_every_address_in_an_answer_is_below_the_share(outside: Outside, new_link: NewLink, settings: Settings) -> None:
    base = root(outside, new_link())
    for public in ("", "https://images.example.org"):
        settings.PUBLIC_URL = public
        expected = f"{public or 'http://testserver'}{base}/{SHARED}"
        header = outside.get(f"{base}/{SHARED}/metadata").json()[0]
        assert header["7FE00010"]["BulkDataURI"] == f"{expected}/bulkdata/7FE00010"
        (found,) = outside.get(f"{base}/instances?SOPInstanceUID={INSTANCE}").json()
        assert found["00081190"]["Value"] == [expected]


def test_nothing_can_be_changed(outside: Outside, new_link: NewLink) -> None:
    base = root(outside, new_link(may_download=True))
    same = {"HTTP_SEC_FETCH_SITE": "same-origin"}
    stored = outside.post(f"{base}/studies", dicoms.ct_slice(), content_type="application/dicom", **same)
    assert stored.status == 403
    for address in (at(SHARED, pattern) for pattern in FILES):
        assert outside.delete(f"{base}/{address}", **same).status == 403


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/admin/",
        "/api/me",
        "/api/studies/",
        "/accounts/login/",
        "/metrics",
        "/readyz",
        "/s/1/dicom-web/studies",
        "/static/fovea/fovea.css",
        "/dicom-webx",
        "/viewerx/",
        "/wadox",
        "/dicom-web/../admin/",
    ],
)
def test_no_other_address_is_there(outside: Outside, new_link: NewLink, user: User, address: str) -> None:
    link = new_link()
    root(outside, link)
    user.is_staff = user.is_superuser = True
    user.save()
    signed_in = Client()
    signed_in.force_login(user)
    outside.cookies.update(signed_in.cookies)
    answer = outside.get(mounted(link) + address)
    assert answer.status == (302 if address == "/" else 404)


def test_a_sign_in_counts_for_nothing_below_a_share(outside: Outside, new_link: NewLink, user: User) -> None:
    """Neither does it reach more there, nor does it stand in for the link."""
    link = new_link()
    _, token = Token.issue(user, name="tests")
    basic = base64.b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    signed_in = Client()
    signed_in.force_login(user)
    for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Authorization": f"Basic {basic}"}):
        visitor = Outside()
        visitor.cookies.update(signed_in.cookies)
        assert visitor.get(f"{mounted(link)}/dicom-web/studies", headers=headers).status == 401
        assert "WWW-Authenticate" not in visitor.get(f"{mounted(link)}/dicom-web/studies", headers=headers).headers
        base = root(visitor, link)
        assert visitor.get(f"{base}/{OTHER}/metadata", headers=headers).status == 404
        assert len(visitor.get(f"{base}/studies", headers=headers).json()) == 1


def test_a_link_counts_for_nothing_elsewhere(outside: Outside, new_link: NewLink) -> None:
    """What the browser holds of a share opens no other share, and none of the site's own addresses."""
    first = new_link()
    root(outside, first)
    held = outside.cookies[f"share-{share_of(first).pk}"].value
    for name in ("sessionid", "share", "share-"):
        outside.cookies[name] = held
    for address in ("/dicom-web/studies", "/api/studies/", "/wado"):
        assert outside.get(address).status == 401
        assert outside.get(address, headers={"Authorization": f"Bearer {held}"}).status == 401
    second = new_link()
    outside.cookies[f"share-{share_of(second).pk}"] = held
    assert outside.get(f"{mounted(second)}/dicom-web/studies").status == 401


def test_what_the_browser_holds_can_be_neither_made_nor_changed(outside: Outside, new_link: NewLink) -> None:
    link = new_link()
    share = share_of(link)
    address = f"{mounted(link)}/dicom-web/studies"
    root(outside, link)
    held = outside.cookies[f"share-{share.pk}"].value
    for forged in ("", "x", f"{share.pk}.{share.digest[:16]}", held[:-1], f"{held[:-1]}!", link.removeprefix("/s/")):
        outside.cookies[f"share-{share.pk}"] = forged
        assert outside.get(address).status == 401
    assert outside.get(address, headers={"X-Fovea-Mount": "1"}).status == 401


def test_one_query_tells_who_it_is(
    outside: Outside, new_link: NewLink, django_assert_num_queries: pytest.fixture
) -> None:
    base = root(outside, new_link())
    for queries in (2, 1):
        with django_assert_num_queries(queries):
            assert outside.get(f"{base}/{SHARED}/metadata").status == 200
