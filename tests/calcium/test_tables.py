"""Reference tables: imported by the command line, listed in the admin, and asked where a score stands."""

import hashlib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import Event
from apps.calcium import tables
from apps.calcium.models import ReferenceTable
from apps.calcium.scoring.risk import Sex
from apps.core.errors import Conflict, Invalid
from tests.calcium.scoring.test_percentiles import TABLE
from tests.conftest import client_of

pytestmark = pytest.mark.django_db
CITATION = "Nobody N. Journal of Made Up Numbers 2026;1:1-2"
SHA256 = hashlib.sha256(TABLE.encode()).hexdigest()
LIST = reverse("admin:calcium_referencetable_changelist")


def keep(name: str = "made up", **given: object) -> ReferenceTable:
    told = {"citation": CITATION, "sha256": SHA256, "data": TABLE.encode(), **given}
    return tables.keep(None, tables.Given(name=name, **told))  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made-up.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def superuser(user: User) -> Client:
    user.is_staff = user.is_superuser = True
    user.save()
    return client_of(user)


def command(*words: str) -> str:
    from io import StringIO

    out = StringIO()
    call_command("calcium_tables", *words, stdout=out)
    return out.getvalue()


def test_by_the_command_line(file: Path) -> None:
    given = ("--citation", CITATION, "--sha256", SHA256.upper())
    assert command("import", str(file), *given) == "made-up: 4 groups.\n"
    assert f"made-up: 4 groups, {CITATION}, SHA-256 {SHA256}" in command("list")
    [(_, place)] = tables.standings(20, sex=Sex.MALE, age=50, ethnicity=None)
    assert (place.least, place.below) == (50, 75)
    assert Event.objects.filter(detail__contains="made-up imported").exists()
    assert command("import", str(file), *given, "--name", "another") == "another: 4 groups.\n"
    command("remove", "made-up")
    assert ReferenceTable.objects.get().name == "another"
    with pytest.raises(CommandError, match="no such"):
        command("remove", "made-up")


def test_another_file_than_the_checksum_is_of(file: Path) -> None:
    with pytest.raises(CommandError, match="checksum"):
        command("import", str(file), "--citation", CITATION, "--sha256", "0" * 64)
    with pytest.raises(CommandError, match="No such file"):
        command("import", str(file.with_name("absent")), "--citation", CITATION, "--sha256", SHA256)
    assert not ReferenceTable.objects.exists()


def test_what_is_refused() -> None:
    with pytest.raises(Invalid) as error:
        keep(data=b"nonsense", sha256=hashlib.sha256(b"nonsense").hexdigest())
    assert error.value.errors[0][0] == "file"
    for given in ({"citation": ""}, {"name": ""}, {"name": "x" * 101}):
        with pytest.raises(Invalid):
            keep(**given)


def test_so_many_and_no_more() -> None:
    for number in range(tables.MOST_TABLES):
        keep(f"table {number}")
    before = tables.digest()
    keep("table 3")
    assert tables.digest() == before
    with pytest.raises(Conflict):
        keep("one more")


def test_results_know_that_tables_have_changed() -> None:
    before = tables.digest()
    keep()
    assert tables.digest() != before


def test_in_the_admin(superuser: Client) -> None:
    table = keep()
    assert CITATION in superuser.get(LIST).content.decode()
    assert SHA256 in superuser.get(reverse("admin:calcium_referencetable_change", args=[table.pk])).content.decode()
    gone = superuser.post(reverse("admin:calcium_referencetable_delete", args=[table.pk]), {"post": "yes"})
    assert gone.status_code == 302
    assert not ReferenceTable.objects.exists()
    assert Event.objects.filter(detail__contains="made up removed").exists()


def test_not_for_others(client: Client, user: User, anonymous: Client) -> None:
    keep()
    user.is_staff = True
    user.save()
    assert client.get(LIST).status_code == 403
    assert anonymous.get(LIST).status_code == 302
