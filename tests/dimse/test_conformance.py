"""The conformance statement for the DICOM network says what the server does."""

from pathlib import Path

import pytest
from pynetdicom import AllStoragePresentationContexts

from apps.dicom.network.command import ANSWER
from apps.dicomweb.conformance import written
from apps.dimse.conformance import TABLES
from apps.dimse.offers import SERVED
from apps.dimse.services import HANDLERS
from apps.dimse.syntaxes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from apps.remotes.models import Remote
from tests.dimse import nodes
from tests.dimse.nodes import calling

STATEMENT = Path(__file__).resolve().parents[2] / "docs/conformance-dimse.md"
NO_STORAGE = sorted({uid for served in SERVED for uid in served.classes})


@pytest.fixture
def statement() -> str:
    return STATEMENT.read_text(encoding="utf-8")


def test_the_statement_is_as_the_code_is(statement: str) -> None:
    """PS3.2 7: to mend it, run `manage.py conformance`."""
    assert written(statement, TABLES) == statement


@pytest.mark.parametrize("name", TABLES)
def test_every_table_stands_in_the_statement_once(statement: str, name: str) -> None:
    assert statement.count(f"<!-- table: {name} -->") == 1


def test_every_service_that_is_answered_is_in_the_statement(statement: str) -> None:
    for field in HANDLERS:
        if not field & ANSWER:
            assert f"| {field.name.replace('_', '-')} |" in statement or field.name == "C_STORE"


def test_all_storage_classes_that_pynetdicom_knows_are_taken() -> None:
    assert {str(context.abstract_syntax) for context in AllStoragePresentationContexts} <= set(STORAGE_CLASSES)


def test_the_server_takes_what_the_statement_lists(remote: Remote, port: int) -> None:
    """Every SOP class, and every transfer syntax, in as many associations as it takes."""
    contexts = [(uid, [nodes.EXPLICIT]) for uid in (*NO_STORAGE, *STORAGE_CLASSES)]
    contexts += [(nodes.CT, [syntax]) for syntax in TRANSFER_SYNTAXES]
    for start in range(0, len(contexts), 128):
        with calling(port, contexts[start : start + 128]) as association:
            taken = [(each.abstract_syntax, [each.transfer_syntax]) for each in association.contexts.values()]
        assert taken == contexts[start : start + 128]


def test_what_is_nobody_s_business_here_is_not_taken(remote: Remote, port: int) -> None:
    """Print, the notice of performed steps, the commitment that was retired; a transfer syntax that is none."""
    strange = [("1.2.840.10008.5.1.1.9", [nodes.EXPLICIT]), ("1.2.840.10008.3.1.2.3.5", [nodes.EXPLICIT])]
    strange += [("1.2.840.10008.1.20.2", [nodes.EXPLICIT]), (nodes.CT, ["1.2.3.4"])]
    with calling(port, strange) as association:
        assert not association.contexts
