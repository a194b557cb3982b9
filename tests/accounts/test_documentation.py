"""docs/rights.md tells of the permissions, roles and scopes that there are."""

import re
from pathlib import Path

from apps.accounts.permissions import ALL, ROLES, Permission, Scope

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"


def rows(heading: str) -> dict[str, str]:
    """The rows of the table that begins so."""
    table = PAGE.read_text(encoding="utf-8").partition(f"| {heading} |")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE))


def test_the_permissions() -> None:
    assert rows("permission") == {f"`{each.value}`": each.label for each in Permission}


def test_the_roles() -> None:
    told = {role: ALL if names == "everything" else set(names.split()) for role, names in rows("role").items()}
    assert told == {role: set(permissions) for role, permissions in ROLES.items()}


def test_the_scopes() -> None:
    assert set(rows("scope")) == {scope.label for scope in Scope}
