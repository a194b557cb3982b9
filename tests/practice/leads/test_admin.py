"""Leads in the admin: found, read, written, taken away and brought back."""

import pytest
from django.urls import reverse

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.practice.admin.lead_forms import LeadForm
from apps.practice.models import Lead
from tests.practice.leads.people import add, user_with
from tests.practice.leads.test_api import signed_in

pytestmark = pytest.mark.django_db

TYPED = {"family_name": "Roe", "given_name": "Ann", "phones": "079 123 45 67\n044 111 22 33", "status": "patient"}


def page(name: str, *args: object) -> str:
    return reverse(f"admin:practice_lead_{name}", args=args)


@pytest.mark.parametrize("search", ["jan doe", "1980-01-31", "P-1", "D-1", "079 123 45 67", "jane@example.org"])
def test_a_person_is_found_by_what_is_known(practice: Practice, search: str) -> None:
    add(practice)
    client = signed_in(user_with(practice, "vic", Permission.VIEW))
    assert b"Doe, Jane" in client.get(page("changelist"), {"q": search}).content
    assert b"Doe, Jane" not in client.get(page("changelist"), {"q": "nobody"}).content


def test_a_lead_is_written_by_a_form_that_says_what_is_wrong(practice: Practice) -> None:
    client = signed_in(user_with(practice, "nora", Permission.VIEW, Permission.UPLOAD))
    wrong = client.post(page("add"), {**TYPED, "phones": "call me", "consents": "maybe"})
    assert b"Write a telephone number" in wrong.content or b"Write each line as" in wrong.content
    assert not Lead.objects.exists()
    client.post(page("add"), {**TYPED, "other_names": "Keller, Anna (maiden)", "consents": "yes: images (2024-01-31)"})
    lead = Lead.objects.get()
    assert (lead.phones, lead.status) == (["0791234567", "0441112233"], "patient")
    assert lead.other_names == [{"family": "Keller", "given": "Anna", "use": "maiden"}]
    assert lead.consents == [{"kind": "images", "given": True, "at": "2024-01-31", "note": ""}]


def test_saving_the_form_as_it_is_changes_nothing(practice: Practice) -> None:
    lead = add(
        practice, other_names=[{"family": "Roe"}], identifiers=[{"value": "4711", "issuer": "Hospital"}],
        consents=[{"kind": "images", "given": False, "note": "by phone"}],
        addresses=[{"city": "Bern"}, {"city": "Chur"}],
    )  # fmt: skip
    initial = LeadForm(lead=lead, practices=Practice.objects.all()).initial
    client = signed_in(user_with(practice, "nora", Permission.VIEW, Permission.UPLOAD))
    assert client.post(page("edit", lead.pk), initial).status_code == 302
    assert Lead.objects.get().version == 1


def test_deleted_restored_and_erased_by_buttons(practice: Practice) -> None:
    lead, client = add(practice), signed_in(user_with(practice, "owner"))
    client.post(page("remove", lead.pk))
    assert b"Doe, Jane" not in client.get(page("changelist")).content
    assert b"Doe, Jane" in client.get(page("changelist"), {"deleted": "yes"}).content
    client.post(page("restore", lead.pk))
    assert Lead.objects.alive().exists()
    client.post(page("erase", lead.pk), {})
    assert Lead.objects.get().family_name == "Doe"
    client.post(page("erase", lead.pk), {"is_sure": "on"})
    assert Lead.objects.get().family_name == ""
    assert b"was erased" in client.get(page("change", lead.pk)).content


@pytest.mark.parametrize("name", ["edit", "remove", "restore", "erase"])
def test_who_only_looks_is_refused_and_others_see_nothing(
    practice: Practice, other_practice: Practice, name: str
) -> None:
    lead = add(practice)
    assert signed_in(user_with(practice, "vic", Permission.VIEW)).post(page(name, lead.pk)).status_code == 403
    assert signed_in(user_with(other_practice, "olga")).post(page(name, lead.pk)).status_code == 404
