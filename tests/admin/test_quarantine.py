"""Deciding about quarantined objects."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Practice
from apps.archive.models import Instance, Quarantined, Study
from tests import dicoms
from tests.admin.conftest import store

LIST = reverse("admin:archive_quarantined_changelist")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(practice: Practice, study: Study) -> Quarantined:
    store(practice, dicoms.ct_slice(PatientName="Roe^Richard", SliceThickness="9"))
    return Quarantined.objects.get()


def decide(client: Client, held: Quarantined, decision: str) -> int:
    page = reverse("admin:archive_quarantined_decide", args=[held.pk])
    return client.post(page, {"decision": decision}).status_code


def test_both_objects_stand_side_by_side(boss: Client, held: Quarantined) -> None:
    for page in (LIST, reverse("admin:archive_quarantined_change", args=[held.pk])):
        content = boss.get(page).content.decode()
        for text in ("Doe, Jane", "Roe, Richard", "What is stored", "What came"):
            assert text in content


def test_accepting_puts_what_came_in_the_place_of_what_is_stored(boss: Client, held: Quarantined) -> None:
    assert decide(boss, held, "accept") == 302
    assert bytes(Instance.objects.get(sop_instance_uid=held.sop_instance_uid).digest) == bytes(held.digest)
    assert not Quarantined.objects.exists()


def test_discarding_keeps_what_is_stored(boss: Client, held: Quarantined) -> None:
    assert decide(boss, held, "discard") == 302
    assert bytes(Instance.objects.get(sop_instance_uid=held.sop_instance_uid).digest) != bytes(held.digest)
    assert not Quarantined.objects.exists()


@pytest.mark.parametrize("action", ["accept_selected", "discard_selected"])
def test_chosen_objects_are_decided_together(boss: Client, held: Quarantined, action: str) -> None:
    boss.post(LIST, {"action": action, "_selected_action": [held.pk]})
    assert not Quarantined.objects.exists()


def test_a_decision_is_asked_for_by_post_and_has_a_name(boss: Client, held: Quarantined) -> None:
    page = reverse("admin:archive_quarantined_decide", args=[held.pk])
    assert boss.get(page).status_code == 405
    assert decide(boss, held, "maybe") == 404
    assert Quarantined.objects.exists()


def test_list_takes_one_query_for_all_its_objects(
    boss: Client, practice: Practice, held: Quarantined, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(practice, *(dicoms.ct_slice(InstanceNumber=2, SliceThickness=str(n)) for n in range(3, 9)))
    # Session, user, grants; the menu's four; the filter's practices; the count and the page.
    with django_assert_num_queries(11):
        boss.get(LIST)
