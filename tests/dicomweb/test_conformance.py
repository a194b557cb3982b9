"""The conformance statement says what the code does."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.archive.query.keys import SEARCHABLE, Kind
from apps.dicomweb.conformance import MATCHING, TABLES, written
from apps.dicomweb.media_types import PIXEL_TYPES
from apps.dicomweb.routes import ROUTES

STATEMENT = Path(__file__).resolve().parents[2] / "docs/conformance.md"


@pytest.fixture
def statement() -> str:
    return STATEMENT.read_text(encoding="utf-8")


def test_the_statement_is_as_the_code_is(statement: str) -> None:
    """PS3.2 7: to mend it, run `manage.py conformance`."""
    assert written(statement) == statement


@pytest.mark.parametrize("name", TABLES)
def test_every_table_stands_in_the_statement_once(statement: str, name: str) -> None:
    assert statement.count(f"<!-- table: {name} -->") == 1
    assert TABLES[name]() in statement


def test_the_tables_hold_what_the_code_has(statement: str) -> None:
    for route in ROUTES:
        assert f"| `/{route.template}` |" in statement
    for uid in PIXEL_TYPES:
        assert f"| `{uid}` |" in statement
    for tag in SEARCHABLE:
        assert ".".join(f"({step[:4]},{step[4:]})" for step in tag.split(".")) in statement
    assert set(MATCHING) == set(Kind)


def test_the_command_notices_a_difference_and_mends_it(tmp_path: Path, statement: str) -> None:
    copy = tmp_path / "conformance.md"
    copy.write_text(statement.replace("PatientName", "PatientNom"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"run manage\.py conformance"):
        call_command("conformance", str(copy), check=True)
    call_command("conformance", str(copy))
    assert copy.read_text(encoding="utf-8") == statement


def test_a_table_that_is_none_is_an_error() -> None:
    with pytest.raises(KeyError):
        written("<!-- table: nonsense -->\n<!-- end of table -->")
