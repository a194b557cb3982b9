"""Quotas: what a practice may keep, counted cheaply, refused at every door before the bytes flow."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive import events, lifecycle, quotas
from apps.archive.models import Study, Usage
from apps.archive.store import Batch, Origin, store_one
from apps.audit.models import Event
from apps.core.errors import QuotaReached
from tests import dicoms

SLICE = dicoms.ct_slice()
OTHER = dicoms.ct_slice(SOPInstanceUID=dicoms.uid(1, 1, 2))


@pytest.fixture
def origin(practice: Practice) -> Origin:
    return Origin("test", practice.pk, "nora")


@pytest.fixture
def who(user: User) -> Principal:
    return Principal.of(user)


def allow(who: Principal, practice: Practice, quota: int | None) -> None:
    quotas.decide(who, practice, quota)


def used(practice: Practice) -> int:
    return quotas.measure(practice.pk).used


def test_a_practice_without_a_quota_costs_the_store_no_query(
    practice: Practice, origin: Origin, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert quotas.room(practice.pk) is None
        quotas.on_stored(size=1, origin=origin)


def test_what_is_stored_is_counted_at_once(practice: Practice, who: Principal, origin: Origin) -> None:
    store_one([SLICE], origin)
    allow(who, practice, 10**9)
    first = used(practice)
    assert first == Study.objects.get().size
    store_one([OTHER], origin)
    assert used(practice) == first + len(OTHER) == Study.objects.get().size
    assert quotas.count(practice.pk).size == used(practice)


def test_what_is_deleted_makes_room(practice: Practice, who: Principal, origin: Origin) -> None:
    allow(who, practice, len(SLICE) + 100)
    store_one([SLICE], origin)
    with pytest.raises(QuotaReached):
        store_one([OTHER], origin)
    lifecycle.delete_study(who, dicoms.STUDY_UID)
    assert used(practice) == 0
    store_one([OTHER], origin)


def test_of_a_batch_what_there_is_room_for_is_stored(practice: Practice, who: Principal, origin: Origin) -> None:
    allow(who, practice, len(SLICE) + 100)
    with Batch(origin) as batch:
        batch.receive([SLICE])
        with pytest.raises(QuotaReached):
            batch.receive([OTHER])
        assert len(batch.commit()) == 1


def test_nothing_is_read_of_what_there_is_no_room_for(practice: Practice, who: Principal, origin: Origin) -> None:
    allow(who, practice, 1)
    Usage.objects.update(size=1, counted_at=timezone.now())
    with Batch(origin) as batch, pytest.raises(QuotaReached):
        batch.receive(iter(lambda: pytest.fail("it was read"), None))


def test_another_practice_has_its_own_room(
    practice: Practice, other_practice: Practice, who: Principal, origin: Origin
) -> None:
    allow(who, practice, 1)
    assert store_one([SLICE], Origin("test", other_practice.pk, "sam"))


def test_the_sites_quota_holds_for_who_has_none(practice: Practice, who: Principal, settings: Settings) -> None:
    settings.QUOTA_BYTES = 5 * quotas.GIGABYTE
    quotas.forget_all()
    assert quotas.limit(practice.pk) == 5 * quotas.GIGABYTE
    allow(who, practice, 0)
    assert quotas.limit(practice.pk) is None
    allow(who, practice, 7)
    assert quotas.limit(practice.pk) == 7
    assert Event.objects.filter(action=Event.Action.CONFIGURATION, detail="quota 7 B").exists()


@pytest.mark.parametrize("door", ["stow", "xray", "batch"])
def test_the_doors_say_so_in_words(door: str, client: Client, practice: Practice, who: Principal) -> None:
    allow(who, practice, 10)
    answer = DOORS[door](client)
    assert (answer.status_code, answer.json()["code"]) == (507, "quota-reached")
    assert answer.json()["detail"] == "The practice may keep 10 B here, and there is no room left for this."
    assert not Study.objects.exists()


def _form(address: str, field: str) -> Any:
    return lambda client: client.post(address, {field: SimpleUploadedFile("a.dcm", SLICE)})


DOORS: dict[str, Any] = {
    "stow": lambda client: client.post("/dicom-web/studies", SLICE, "application/dicom"),
    "xray": _form("/api/dental/xrays", "file"),
    "batch": _form("/api/dental/xrays/batch", "files"),
}


def test_it_is_told_once_that_little_is_left(practice: Practice, who: Principal, origin: Origin) -> None:
    told: list[dict[str, Any]] = []

    def listen(**facts: Any) -> None:
        told.append({name: facts[name] for name in ("practice_id", "used", "quota")})

    events.nearly_full.connect(listen)
    store_one([SLICE], origin)
    allow(who, practice, len(SLICE) + 10)
    for _ in range(2):
        quotas.on_minute()
    assert told == [{"practice_id": practice.pk, "used": len(SLICE), "quota": len(SLICE) + 10}]
    allow(who, practice, 10 * len(SLICE))
    quotas.on_minute()
    assert len(told) == 1


def test_what_was_counted_long_ago_is_counted_anew(practice: Practice, who: Principal, origin: Origin) -> None:
    allow(who, practice, 10**9)
    store_one([SLICE], origin)
    Usage.objects.update(size=1, counted_at=timezone.now() - timedelta(hours=1))
    quotas.on_minute()
    assert used(practice) == len(SLICE)


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (1536, "1.5 KB"), (12_939_428, "12.34 MB"), (2 << 30, "2 GB")]
)
def test_sizes_are_said_as_people_say_them(size: int, words: str) -> None:
    assert quotas.said(size) == words
