"""People for the tests of leads: some invented facts, and who keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.practice.events import leads_changed
from apps.practice.leads import people
from apps.practice.models import Lead
from tests.rights import give

JANE: dict[str, Any] = {
    "external_id": "P-1",
    "family_name": "Doe",
    "given_name": "Jane",
    "birth_date": "1980-01-31",
    "sex": "F",
    "phones": ["+41 79 123 45 67"],
    "emails": ["Jane@Example.org"],
    "patient_id": "D-1",
}


def keeper(practice: Practice) -> Principal:
    """Somebody who keeps the practice's leads and may do nothing else."""
    return Principal.worker(practice.pk, "keeper", frozenset({Permission.VIEW, Permission.UPLOAD}))


def user_with(practice: Practice, name: str, *permissions: Permission) -> User:
    """A user who may do these things in the practice."""
    user = User.objects.create_user(name, password="correct horse battery", practice=practice, is_staff=True)
    give(user, practice, *permissions)
    return user


def add(practice: Practice, **facts: Any) -> Lead:
    """Jane, or somebody else by these facts."""
    return people.create(keeper(practice), practice.pk, {**JANE, **facts}, source="test")


def several(count: int) -> list[dict[str, Any]]:
    """So many people, each with an ID."""
    return [
        {"external_id": f"E{n}", "family_name": f"Fam{n}", "given_name": "Ann", "phones": [f"+417900{n:05}"]}
        for n in range(count)
    ]


@contextmanager
def heard() -> Iterator[list[set[int]]]:
    """Which leads were said to have changed."""
    told: list[set[int]] = []

    def hear(lead_pks: set[int], **_: Any) -> None:
        told.append(lead_pks)

    leads_changed.connect(hear)
    try:
        yield told
    finally:
        leads_changed.disconnect(hear)
