"""Addresses as people type them."""

import pytest
from django.test import Client


@pytest.mark.parametrize(("typed", "leads_to"), [("/", "/viewer/"), ("/viewer", "/viewer/"), ("/admin", "/admin/")])
def test_what_people_type_leads_somewhere(anonymous: Client, typed: str, leads_to: str) -> None:
    assert anonymous.get(typed)["Location"] == leads_to
