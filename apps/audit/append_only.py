"""Triggers by which the database itself refuses to change or remove what is on record.

SQLite drops a table's triggers with the table, and Django remakes a table to alter it: a migration that alters
`audit_event` ends with `install`.
"""

from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.saying import say

REFUSAL: Final = say("The record is append-only.")
_SQLITE: Final = {
    "audit_event_update": f"BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    "audit_event_delete": f"BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
    # INSERT OR REPLACE removes rows without asking the trigger above.
    "audit_event_replace": (
        "BEFORE INSERT ON audit_event WHEN EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id) OR EXISTS"
        " (SELECT 1 FROM audit_event WHERE practice_id IS NEW.practice_id AND sequence = NEW.sequence)"
        " BEGIN SELECT RAISE(ABORT, 'The record is append-only.'); END"
    ),
    "audit_head_update": (
        "BEFORE UPDATE ON audit_head WHEN NEW.chain != OLD.chain OR NEW.sequence <= OLD.sequence"
        f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    ),
    "audit_head_delete": f"BEFORE DELETE ON audit_head BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
}
_REFUSE: Final = "EXECUTE FUNCTION audit_refuse()"
_POSTGRESQL: Final = {
    "audit_event_update": f"BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW {_REFUSE}",
    "audit_event_truncate": f"BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT {_REFUSE}",
    "audit_head_update": (
        "BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.chain <> OLD.chain OR NEW.sequence <= OLD.sequence)"
        f" {_REFUSE}"
    ),
    "audit_head_delete": f"BEFORE DELETE ON audit_head FOR EACH ROW {_REFUSE}",
    "audit_head_truncate": f"BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT {_REFUSE}",
}
_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Let the database refuse from now on; done again, it changes nothing."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for name, rule in _triggers(connection).items():
            cursor.execute(f"CREATE TRIGGER {name} {rule}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Let the database take changes again: for undoing the migration."""
    with connection.cursor() as cursor:
        for name, rule in _triggers(connection).items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{_of_table(connection, rule)}")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS audit_refuse()")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that the database doesn't have, or has switched off."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    return sorted(set(_triggers(connection)) - there)


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE


def _of_table(connection: BaseDatabaseWrapper, rule: str) -> str:
    """PostgreSQL's triggers have their names by table."""
    table = "audit_head" if "ON audit_head" in rule else "audit_event"
    return f" ON {table}" if connection.vendor == "postgresql" else ""
