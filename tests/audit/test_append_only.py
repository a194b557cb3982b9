"""The database refuses to change what is on record, whoever asks."""

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from apps.accounts.models import Practice
from apps.audit import append_only, record
from apps.audit.models import Event, Head

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(practice: Practice) -> Event:
    record.tell(record.Action.RIGHTS, actor="boss", practice_id=practice.pk)
    return Event.objects.get()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_head SET sequence = 0",
        "DELETE FROM audit_head",
    ],
)
def test_a_change_is_refused(event: Event, statement: str) -> None:
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Event.objects.values()) == [{**Event.objects.values().get(), "actor": "boss"}]


@pytest.mark.django_db(transaction=True)
def test_emptying_the_table_is_refused(event: Event) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    for table in ("audit_event", "audit_head"):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")


def test_a_row_is_not_replaced_by_an_insert(event: Event) -> None:
    """INSERT OR REPLACE of SQLite's removes a row without a trigger on DELETE."""
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    columns = [field.column for field in Event._meta.concrete_fields]
    others = ", ".join(f"'x' AS {name}" if name == "actor" else name for name in columns)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{verb} INTO audit_event ({', '.join(columns)}) SELECT {others} FROM audit_event")
    assert Event.objects.get().actor == "boss"


def test_the_model_can_not_change_it_either(event: Event) -> None:
    event.actor = "x"
    for change in (event.save, event.delete, Event.objects.all().delete):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_what_is_missing_is_told(event: Event) -> None:
    assert append_only.missing(connection) == []
    append_only.remove(connection)
    assert "audit_event_update" in append_only.missing(connection)
    append_only.install(connection)
    assert append_only.missing(connection) == []
    assert Head.objects.get().sequence == 1


@pytest.mark.django_db(transaction=True)
def test_the_migration_can_be_undone(practice: Practice) -> None:
    call_command("migrate", "audit", "0001", verbosity=0)
    try:
        record.tell(record.Action.RIGHTS, actor="boss", practice_id=practice.pk)
        Event.objects.update(actor="x")
    finally:
        call_command("migrate", "audit", verbosity=0)
    assert append_only.missing(connection) == []
