"""Each attack on the record is found, with its place, by whoever has the key; the attacker has the whole database."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.audit import anchors, append_only, verification
from apps.audit.models import Event, Head
from apps.audit.record import Action, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def anchor(settings: Settings, tmp_path: Path) -> Path:
    settings.AUDIT_ANCHOR = tmp_path / "audit" / "anchor"
    return settings.AUDIT_ANCHOR


@pytest.fixture
def chain(practice: Practice) -> int:
    """Five events of a practice, and one of another chain that no attack touches."""
    tell(Action.START, actor="server")
    for number in range(5):
        tell(Action.RIGHTS, actor="boss", practice_id=practice.pk, detail=f"grant {number}")
    return practice.pk


@pytest.fixture
def attacker(chain: int) -> Iterator[None]:
    """Somebody who owns the database, and switches its triggers off for as long as it takes."""
    append_only.remove(connection)
    yield
    append_only.install(connection)


def found() -> list[str]:
    append_only.install(connection)
    return [str(finding) for finding in verification.verify()]


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def copy_of(original: int, **changes: str) -> None:
    """Insert an event made of another one, as SQL expressions say."""
    columns = [field.column for field in Event._meta.concrete_fields if field.column != "id"]
    values = ", ".join(changes.get(name, name) for name in columns)
    run(
        f"INSERT INTO audit_event ({', '.join(columns)}) SELECT {values} FROM audit_event"
        f" WHERE sequence = {original} AND practice_id IS NOT NULL"
    )


def test_a_record_as_written_is_whole(chain: int) -> None:
    anchors.write()
    tell(Action.RIGHTS, actor="boss", practice_id=chain)
    assert found() == []
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "whole: 7 events" in out.getvalue()


@pytest.mark.parametrize("column", ["actor", "detail", "at", "practice_id", "count", "hash", "prev_hash", "until"])
def test_an_edit_is_found(attacker: None, chain: int, other_practice: Practice, column: str) -> None:
    value = {"practice_id": other_practice.pk, "count": 9, "at": "2020-01-01 00:00:00", "until": "2020-01-01 00:00:00"}
    run(f"UPDATE audit_event SET {column} = %s WHERE sequence = 3 AND practice_id = %s", value.get(column, "x"), chain)
    assert any("event 3: changed" in finding for finding in found())


def test_a_deletion_is_found(attacker: None, chain: int) -> None:
    run("DELETE FROM audit_event WHERE sequence IN (2, 3) AND practice_id = %s", chain)
    assert found() == [f"practice {chain}, event 4: 2 events before it deleted"]


def test_a_deletion_with_the_rest_renumbered_is_found(attacker: None, chain: int) -> None:
    run("DELETE FROM audit_event WHERE sequence = 3 AND practice_id = %s", chain)
    for sequence in (4, 5):
        run(
            "UPDATE audit_event SET sequence = %s WHERE sequence = %s AND practice_id = %s",
            sequence - 1,
            sequence,
            chain,
        )
    run("UPDATE audit_head SET sequence = 4")
    findings = found()
    assert any("event 3: changed" in finding for finding in findings)
    assert any("chain's end was changed" in finding for finding in findings)


def test_an_insertion_is_found(attacker: None, chain: int) -> None:
    copy_of(5, sequence="6", prev_hash="hash")
    findings = found()
    assert f"practice {chain}, event 6: changed, or inserted: its hash does not fit what it says" in findings
    assert f"practice {chain}, event 6: inserted: the chain ends with event 5" in findings


def test_a_replacement_by_an_older_event_is_found(attacker: None, chain: int) -> None:
    run("DELETE FROM audit_event WHERE sequence = 4 AND practice_id = %s", chain)
    copy_of(2, sequence="4")
    assert any("event 4: changed" in finding for finding in found())


def test_events_cut_off_the_end_are_found(attacker: None, chain: int) -> None:
    run("DELETE FROM audit_event WHERE sequence > 3 AND practice_id = %s", chain)
    assert found() == [
        f"practice {chain}, event 5: the chain was cut off after event 3: the chain's end knows this one"
    ]


def test_a_cut_with_the_end_moved_is_found(attacker: None, chain: int) -> None:
    run("DELETE FROM audit_event WHERE sequence > 3 AND practice_id = %s", chain)
    run("UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit_event WHERE sequence = 3)")
    assert f"practice {chain}: the chain's end was changed: its seal does not fit" in found()


def test_a_cut_back_to_an_older_backup_is_found_by_the_anchor(chain: int) -> None:
    """An end that was true once, with its seal: nothing inside the database contradicts it."""
    head = Head.objects.get(chain=chain)
    tell(Action.RIGHTS, actor="boss", practice_id=chain, detail="grant to myself")
    anchors.write()
    append_only.remove(connection)
    run("DELETE FROM audit_event WHERE sequence = 6 AND practice_id = %s", chain)
    head.save()
    (finding,) = found()
    assert "cut off after event 5: the anchor of" in finding


def test_a_whole_chain_that_is_gone_is_found_by_the_anchor(attacker: None, chain: int) -> None:
    anchors.write()
    run("DELETE FROM audit_event WHERE practice_id = %s", chain)
    run("DELETE FROM audit_head WHERE chain = %s", chain)
    findings = found()
    assert any("cut off after event 0: the anchor of" in finding for finding in findings)
    assert f"practice {chain}: the chain's end is not kept any more" in findings


def test_a_record_written_anew_with_the_key_is_found_by_the_anchor(attacker: None, chain: int) -> None:
    """Whoever has the database and the key can write a record that agrees with itself."""
    anchors.write()
    run("DELETE FROM audit_event")
    run("DELETE FROM audit_head")
    for number in range(5):
        tell(Action.RIGHTS, actor="somebody else", practice_id=chain, detail=f"grant {number}")
    findings = found()
    assert any("has another hash: the event was replaced" in finding for finding in findings)


def test_an_anchor_that_was_edited_is_found(chain: int, anchor: Path) -> None:
    anchors.write()
    anchors.write()
    lines = anchor.read_text().splitlines(keepends=True)
    anchor.write_text("".join(lines[1:]).replace(" 5 ", " 4 "))
    findings = found()
    assert any("line 1 of the anchors was changed" in finding for finding in findings)


def test_what_is_no_anchor_is_found(chain: int, anchor: Path) -> None:
    anchors.write()
    with anchor.open("a") as file:
        file.write("nonsense")
    anchors.write()
    assert [finding for finding in found() if "line 3 of the anchors can't be read" in finding]


def test_missing_triggers_are_found(attacker: None) -> None:
    assert "triggers are missing" in str(next(verification.verify()))


def test_the_command_says_where_and_fails(attacker: None, chain: int) -> None:
    run("UPDATE audit_event SET actor = 'x' WHERE sequence = 2 AND practice_id = %s", chain)
    append_only.install(connection)
    out = StringIO()
    with pytest.raises(CommandError, match="1 findings"):
        call_command("audit", "verify", stdout=out)
    assert f"practice {chain}, event 2: changed" in out.getvalue()


def test_another_key_fits_nothing(chain: int, settings: Settings) -> None:
    settings.AUDIT_KEY = "another"
    assert len(found()) == 8
