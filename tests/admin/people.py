"""What is sent from the pages about people."""

from typing import Any

from django.test import Client
from django.urls import reverse

from apps.accounts.models import Practice, Role, User
from apps.accounts.permissions import Permission

PASSWORD = "correct horse battery"


def product_role(name: str) -> Role:
    return Role.objects.get(practice=None, name=name)


def post_user(client: Client, **fields: Any) -> Any:
    """The form of a new user called `new`."""
    facts = {"username": "new", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, **fields}
    return client.post(reverse("admin:accounts_user_add"), facts)


def post_role(client: Client, practice: Practice, *permissions: Permission, **fields: Any) -> Any:
    """The form of a new role called `hygienist`."""
    ticked = {name: [each.value for each in permissions] for name in ("may_look", "may_correct", "may_decide")}
    known = {
        "may_look": {"view", "download"},
        "may_correct": {"edit", "merge", "delete"},
        "may_decide": {"audit", "administer"},
    }
    chosen = {name: [value for value in values if value in known[name]] for name, values in ticked.items()}
    facts = {"name": "hygienist", "practice": practice.pk, **chosen, **fields}
    return client.post(reverse("admin:accounts_role_add"), facts)


def post_grant(client: Client, practice: Practice, role: Role, *users: User, **fields: Any) -> Any:
    """The form by which these users get a role."""
    facts = {
        "users": [user.pk for user in users],
        "practice": practice.pk,
        "role": role.pk,
        "scope": "practice",
        "valid_from_0": "2020-01-01",
        "valid_from_1": "00:00",
        **fields,
    }
    return client.post(reverse("admin:accounts_grant_add"), facts)
