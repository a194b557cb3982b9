"""Series and instances below /api/."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from apps.accounts.models import Grant, Practice, User
from apps.accounts.permissions import Permission, Scope
from apps.archive.models import Study
from apps.archive.store import Origin, store_one
from tests import dicoms
from tests.conftest import client_of
from tests.rights import give

INSTANCE = dicoms.uid(1, 1, 1)
STUDY_SERIES = f"/api/studies/{dicoms.STUDY_UID}/series"
SERIES = f"/api/series/{dicoms.SERIES_UID}"
INSTANCES = f"{SERIES}/instances"
ADDRESSES = [STUDY_SERIES, SERIES, INSTANCES, f"/api/instances/{INSTANCE}"]


def test_the_series_of_a_study_are_listed(client: Client, study: Study, practice: Practice) -> None:
    (found,) = client.get(STUDY_SERIES).json()["results"]
    assert found == client.get(SERIES).json()
    expected = {
        "seriesInstanceUid": dicoms.SERIES_UID,
        "studyInstanceUid": dicoms.STUDY_UID,
        "modality": "CT",
        "instanceCount": 1,
        "practice": practice.pk,
    }
    assert expected.items() <= found.items()
    assert client.get(f"{STUDY_SERIES}?modality=MR").json()["count"] == 0
    assert client.get(f"{STUDY_SERIES}?Modality=MR").status_code == 400


def test_the_instances_of_a_series_come_in_their_order_and_pages(client: Client, practice: Practice) -> None:
    for slice_ in dicoms.ct_series(3):
        store_one([slice_], Origin("test", practice.pk, "nora"))
    first = client.get(f"{INSTANCES}?limit=2").json()
    assert [row["instanceNumber"] for row in first["results"]] == [1, 2]
    second = client.get(first["next"]).json()
    assert [row["instanceNumber"] for row in second["results"]] == [3]
    assert second["next"] is None
    turned = client.get(f"{INSTANCES}?ordering=-instanceNumber&fields=instanceNumber").json()
    assert turned["results"] == [{"instanceNumber": number} for number in (3, 2, 1)]


def test_links_lead_to_dicomweb(client: Client, study: Study) -> None:
    links = client.get(f"/api/instances/{INSTANCE}").json()["links"]
    assert client.get(links["metadata"], headers={"Accept": "application/dicom+json"}).status_code == 200
    assert links["dicomweb"].endswith(f"/instances/{INSTANCE}")


@pytest.mark.parametrize("address", ADDRESSES)
def test_others_find_nothing(
    stranger_client: Client, anonymous: Client, user: User, practice: Practice, study: Study, address: str
) -> None:
    assert stranger_client.get(address).status_code == 404
    assert anonymous.get(address).status_code == 401
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.VIEW, scope=Scope.STUDY, subject=dicoms.uid(90))
    assert client_of(user).get(address).status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_a_narrow_right_reaches_is_found(user: User, practice: Practice, study: Study, address: str) -> None:
    Grant.objects.filter(user=user).delete()
    give(user, practice, Permission.VIEW, scope=Scope.STUDY, subject=dicoms.STUDY_UID)
    assert client_of(user).get(address).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("uid", ["1.2.3", "x", "1..2"])
def test_what_there_is_not_is_not_found(client: Client, study: Study, address: str, uid: str) -> None:
    named = next(each for each in address.split("/") if each[:1].isdigit())
    assert client.get(address.replace(named, uid)).status_code == 404


@pytest.mark.parametrize(("address", "queries"), list(zip(ADDRESSES, [4, 2, 3, 2], strict=True)))
def test_they_cost_few_queries(
    warm_client: Client,
    study: Study,
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    queries: int,
) -> None:
    settings.AUDIT_FLUSH_SECONDS = 3600
    with django_assert_num_queries(queries):
        warm_client.get(address)
