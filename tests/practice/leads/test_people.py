"""Leads added, changed, taken away, brought back and erased."""

from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict, FoveaError, Invalid, NotFound, Refused
from apps.practice.leads import people
from apps.practice.leads.erasing import erase
from apps.practice.models import Lead, LeadKey
from tests.practice.leads.people import JANE, add, heard, keeper

pytestmark = pytest.mark.django_db

VERBS = {
    "create": lambda who, lead: people.create(who, lead.practice_id, {"family_name": "Roe"}, source="test"),
    "change": lambda who, lead: people.change(who, lead, {"sex": "O"}, source="test"),
    "upsert": lambda who, lead: people.upsert(who, lead.practice_id, JANE, source="test"),
    "remove": lambda who, lead: people.remove(who, lead, source="test"),
    "restore": lambda who, lead: people.restore(who, lead, source="test"),
    "erase": lambda who, lead: erase(who, lead, source="test"),
}


def events(action: Event.Action = Event.Action.LEAD) -> list[str]:
    return list(Event.objects.filter(action=action).order_by("pk").values_list("detail", flat=True))


def test_a_lead_is_kept_in_one_spelling(practice: Practice) -> None:
    lead = Lead.objects.get(pk=add(practice).pk)
    assert (lead.phones, lead.emails, lead.name_key) == (["+41791234567"], ["jane@example.org"], "doe jane")
    assert (lead.version, lead.source, lead.status, lead.dicom_patient_id) == (1, "test", "lead", "D-1")


def test_names_become_a_dicom_name(practice: Practice) -> None:
    names = [{"family": "山田", "given": "太郎", "use": "ideographic"}, {"family": "Yamada", "use": "maiden"}]
    lead = add(practice, other_names=names, prefix="Dr.", suffix="")
    assert lead.dicom_name == "Doe^Jane^^Dr.=山田^太郎"
    assert "yamada" in lead.name_key


@pytest.mark.parametrize(("ids", "known"), [({}, "P-1"), ({"external_id": ""}, "L{pk}")])
def test_a_lead_without_a_patient_id_has_one_for_its_pictures(
    practice: Practice, ids: dict[str, str], known: str
) -> None:
    lead = add(practice, patient_id="", **ids)
    assert lead.dicom_patient_id == known.format(pk=lead.pk)


def test_saying_the_same_again_changes_nothing(practice: Practice) -> None:
    lead = people.change(keeper(practice), add(practice), {"phones": ["0041 79 123 45 67"]}, source="test")
    assert lead.version == 1
    assert events() == [f"lead {lead.pk} added"]


def test_a_change_is_on_record_without_what_it_says(practice: Practice) -> None:
    lead = people.change(keeper(practice), add(practice), {"sex": "O", "given_name": "Joan"}, source="test")
    assert (lead.version, lead.name_key) == (2, "doe joan")
    assert events()[-1] == f"lead {lead.pk} changed: given_name, sex"
    event = Event.objects.latest("pk")
    assert (event.actor, event.source, event.practice) == ("keeper", "test", practice)
    assert event.patient


def test_keys_follow_the_lead(practice: Practice) -> None:
    lead = add(practice)
    before = set(LeadKey.objects.values_list("key", flat=True))
    people.change(keeper(practice), lead, {"phones": ["+41 44 999 88 77"]}, source="test")
    after = set(LeadKey.objects.values_list("key", flat=True))
    assert ("t:791234567" in before, "t:449998877" in after, "t:791234567" in after) == (True, True, False)


def test_whoever_listens_hears_of_it_after_the_commit(
    practice: Practice, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with heard() as told:
        with django_capture_on_commit_callbacks(execute=True):
            lead = add(practice)
            assert told == []
        assert told == [{lead.pk}]


@pytest.mark.parametrize("field", ["external_id", "patient_id"])
def test_an_id_is_one_leads(practice: Practice, field: str) -> None:
    add(practice)
    other = {**JANE, "external_id": "", "patient_id": "", field: JANE[field]}
    with pytest.raises(Conflict, match="Another lead"):
        people.create(keeper(practice), practice.pk, other, source="test")


def test_another_practice_has_ids_of_its_own(practice: Practice, other_practice: Practice) -> None:
    assert add(practice).pk != add(other_practice).pk


def test_a_lead_needs_a_name(practice: Practice) -> None:
    lead = add(practice)
    with pytest.raises(Invalid) as refused:
        people.change(keeper(practice), lead, {"family_name": "", "given_name": ""}, source="test")
    assert refused.value.errors[0][0] == "familyName"


def test_a_deleted_lead_can_be_restored_and_not_changed(practice: Practice) -> None:
    lead = people.remove(keeper(practice), add(practice), source="test")
    assert not Lead.objects.alive().exists()
    with pytest.raises(Conflict, match="Restore it"):
        people.change(keeper(practice), lead, {"sex": "O"}, source="test")
    restored = people.restore(keeper(practice), lead, source="test")
    assert (restored.deleted_at, restored.version, restored.family_name) == (None, 3, "Doe")
    assert [line.split()[-1] for line in events()] == ["added", "deleted", "restored"]


def test_a_deleted_lead_that_comes_again_is_restored(practice: Practice) -> None:
    lead = people.remove(keeper(practice), add(practice), source="test")
    taken = people.upsert(keeper(practice), practice.pk, JANE, source="test")
    assert (taken.lead.pk if taken.lead else 0, taken.change) == (lead.pk, people.Change.CHANGED)
    assert Lead.objects.alive().get() == lead


def test_nothing_of_an_erased_lead_stays(practice: Practice) -> None:
    lead = add(practice, consents=[{"kind": "images", "given": True}], addresses=[{"city": "Bern"}])
    owner = Principal.worker(practice.pk, "owner")
    erased = Lead.objects.get(pk=erase(owner, lead, source="test").pk)
    empty = Lead(practice=practice)
    kept = {"id", "practice", "version", "created_at", "changed_at", "deleted_at", "erased_at"}
    for field in Lead._meta.concrete_fields:
        assert field.name in kept or getattr(erased, field.attname) == getattr(empty, field.attname)
    assert erased.deleted_at
    assert not LeadKey.objects.exists()
    assert events(Event.Action.ERASE) == [f"lead {lead.pk} erased"]
    with pytest.raises(Conflict, match="nothing is left"):
        people.restore(owner, erased, source="test")


def test_the_record_finds_an_erased_lead_by_the_id_it_had(practice: Practice) -> None:
    lead = add(practice)
    erase(Principal.worker(practice.pk, "owner"), lead, source="test")
    added, erased = Event.objects.order_by("pk")
    assert added.patient == erased.patient != ""


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("permissions", "error"), [({Permission.VIEW}, Refused), ({Permission.REPORT}, Refused), (set(), NotFound)]
)
def test_who_may_not_keep_leads_is_refused(
    practice: Practice, verb: str, permissions: set[Permission], error: type[FoveaError]
) -> None:
    who = Principal.worker(practice.pk, "viewer", frozenset(permissions))
    expected: Any = NotFound if Permission.VIEW not in permissions else error
    with pytest.raises(expected):
        VERBS[verb](who, add(practice))


def test_keeping_leads_is_not_erasing_them(practice: Practice) -> None:
    with pytest.raises(Refused, match="erase"):
        erase(keeper(practice), add(practice), source="test")
