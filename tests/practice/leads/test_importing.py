"""Tables of leads: read in several encodings and languages, looked at, and taken row by row."""

import json
import os
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.core.errors import FoveaError, Invalid
from apps.jobs.models import Job
from apps.practice.leads.importing import requests, staging
from apps.practice.leads.importing.bringing import Plan, Report, Table, bring
from apps.practice.leads.importing.cells import DateOrder, facts_of
from apps.practice.leads.importing.columns import guess
from apps.practice.leads.importing.tasks import take
from apps.practice.models import Lead
from tests.practice.leads.people import keeper, user_with
from tests.practice.leads.test_api import signed_in

GERMAN = """Kunden-Nr;Nachname;Vorname;Geburtsdatum;Geschlecht;Strasse;Hausnummer;PLZ;Ort;Natel;Tel. privat;AHV-Nr.
1001;Müller;Zoë;31.01.1980;w;Bahnhofstrasse;1;8001;Zürich;079 123 45 67;044 111 22 33;756.9217.0769.85
1002;Keller;Hans;32.01.1980;m;;;;;;;
"""


def report_of(practice: Practice, text: str, **options: Any) -> Report:
    table = Table.read(text.encode())
    return bring(keeper(practice), practice.pk, table, Plan.guessed(table), source="test", **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_table_is_read_whatever_wrote_it(encoding: str) -> None:
    assert Table.read(GERMAN.encode(encoding)).rows[0][1][1:3] == ["Müller", "Zoë"]


@pytest.mark.parametrize(
    "headers",
    ["External ID,Family name,First name,Date of birth,Phone", "Nº dossier\tNom\tPrénom\tDate de naissance\tCellulaire",
     "Kunden-Nr.;Nachname;Vorname;Geburtsdatum;Natel", "ID cliente|Apellidos|Nombre|Fecha de nacimiento|Móvil"],
)  # fmt: skip
def test_columns_are_known_in_four_languages(headers: str) -> None:
    read = Table.read(f"{headers}\n1,2\n".encode()).headers
    assert guess(read)[1:] == ("family_name", "given_name", "birth_date", "phone")


@pytest.mark.parametrize("name", ["Doe^Jane", "Doe, Jane", "Jane Doe"])
def test_a_whole_name_is_taken_apart(name: str) -> None:
    facts = facts_of([name], ["full_name"], ["Name"], DateOrder.DAY_FIRST)
    assert facts == {"family_name": "Doe", "given_name": "Jane"}


@pytest.mark.parametrize(("days", "order"), [("31/01/1980\n2/3/1990", "dmy"), ("01/31/1980\n2/3/1990", "mdy")])
def test_the_days_themselves_tell_how_they_are_written(days: str, order: str) -> None:
    assert Plan.guessed(Table.read(f"birth date\n{days}\n".encode())).order.value == order


@pytest.mark.django_db
def test_rows_stand_by_themselves_and_come_again_unchanged(practice: Practice) -> None:
    assert report_of(practice, GERMAN, is_preview=True).words == "1 new, 1 not taken"
    assert not Lead.objects.exists()
    assert report_of(practice, GERMAN).words == "1 new, 1 not taken"
    assert report_of(practice, GERMAN).words == "1 as before, 1 not taken"
    lead = Lead.objects.get()
    assert (lead.phones, lead.sex, lead.health_number_system) == (["0791234567", "0441112233"], "F", "AVS")
    assert (lead.addresses[0]["line"], lead.addresses[0]["city"]) == ("Bahnhofstrasse 1", "Zürich")


@pytest.mark.django_db
def test_an_empty_cell_leaves_what_is_known(practice: Practice) -> None:
    report_of(practice, "id,name,first name,sex\n1,Doe,Jane,f\n")
    report_of(practice, "id,name,first name,sex\n1,Roe,,\n")
    assert Lead.objects.values_list("family_name", "given_name", "sex").get() == ("Roe", "Jane", "F")


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "id,name\n", "colour,size\n1,2\n"])
def test_what_is_no_table_of_people_is_refused(practice: Practice, text: str) -> None:
    with pytest.raises(Invalid):
        report_of(practice, text)


@given(st.binary(max_size=300) | st.text(alphabet='ab",;\t|\n\r\0 1980-é', max_size=200).map(str.encode))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        table = Table.read(data)
    except FoveaError:
        return
    plan = Plan.guessed(table)
    assert len(plan.targets) == len(table.headers)
    for _, row in table.rows:
        facts_of(row, plan.targets, table.headers, plan.order)


@pytest.mark.django_db
def test_a_long_table_is_a_jobs(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "AT_ONCE", 1)
    asked = requests.ask(keeper(practice), practice.pk, GERMAN.encode(), None, source="test")
    assert asked.job
    assert "ller" not in json.dumps(asked.job.parameters)
    result = take(_Handle(), **asked.job.parameters)  # type: ignore[arg-type]
    assert (result["created"], result["wrong"]) == (1, 1)
    assert result["wrongRows"][0]["line"] == 3
    with pytest.raises(FoveaError, match="not here any more"):
        staging.read(asked.job.parameters["table"], 0)


class _Handle:
    def progress(self, done: int, total: int, text: str) -> None:
        assert done <= total


def test_a_table_is_its_owners_for_some_hours(settings: Any) -> None:
    name = staging.keep(b"x", 1)
    path: Path = settings.DATA / staging.ROOT / name
    assert (staging.read(name, 1), path.stat().st_mode & 0o77) == (b"x", 0)
    for owner, asked in ((2, name), (1, "../secret"), (1, "x")):
        with pytest.raises(FoveaError):
            staging.read(asked, owner)
    old = time.time() - staging.KEPT_SECONDS - 1
    os.utime(path, (old, old))
    staging.on_minute()
    assert not path.exists()


@pytest.mark.django_db
def test_the_command_tells_what_it_would_do(practice: Practice, tmp_path: Path) -> None:
    (path := tmp_path / "people.csv").write_text(GERMAN)
    said = StringIO()
    call_command("leads", "import", str(path), "--practice", practice.name, "--dry-run", stdout=said, stderr=StringIO())
    assert "1 new, 1 not taken (nothing was saved)." in said.getvalue()
    with pytest.raises(CommandError, match="not taken"):
        call_command("leads", "import", str(path), "--practice", practice.name, stdout=said, stderr=StringIO())
    call_command("leads", "list", "mull", "--practice", practice.name, stdout=said)
    assert "Müller, Zoë" in said.getvalue()


def upload(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, {"file": SimpleUploadedFile("people.csv", GERMAN.encode()), **fields})


@pytest.mark.django_db
def test_the_api_shows_and_takes_a_table(practice: Practice) -> None:
    client = signed_in(user_with(practice, "nora", Permission.VIEW, Permission.UPLOAD))
    preview = upload(client, "/api/leads/import", preview="true").json()
    assert [row["outcome"] for row in preview["rows"]] == ["created", "wrong"]
    assert preview["columns"][:3] == ["externalId", "familyName", "givenName"]
    assert not Lead.objects.exists()
    assert upload(client, "/api/leads/import").json()["created"] == 1
    assert upload(client, "/api/leads/import", columns="familyName,familyName").status_code == 400


@pytest.mark.django_db
def test_the_admin_shows_a_table_before_it_is_taken(practice: Practice) -> None:
    client = signed_in(user_with(practice, "nora", Permission.VIEW, Permission.UPLOAD))
    sent = upload(client, reverse("admin:practice_lead_import"), practice=practice.pk)
    page = client.get(sent["Location"])
    assert "Müller, Zoë".encode() in page.content
    assert not Lead.objects.exists()
    chosen = {field.html_name: field.value() for field in page.context["form"].columns} | {"order": "dmy"}
    assert client.post(sent["Location"], {**chosen, "confirmed": "yes"}).status_code == 302
    assert Lead.objects.get().given_name == "Zoë"
    assert not Job.objects.filter(kind=requests.KIND).exists()


@pytest.mark.django_db
def test_who_only_looks_brings_nothing_in(practice: Practice) -> None:
    viewer = signed_in(user_with(practice, "vic", Permission.VIEW))
    assert upload(viewer, "/api/leads/import").status_code == 403
    assert viewer.get(reverse("admin:practice_lead_import")).status_code == 403
