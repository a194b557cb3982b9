"""Lines of the log: readable or JSON, and what an exception may say in them."""

import json
import logging
import sys

import pytest

from apps.core import logs
from apps.core.errors import OutOfSpace

PATIENT = "DOE^JANE"


def record(message: str = "hello", *, error: bool = False, **facts: object) -> logging.LogRecord:
    trace = sys.exc_info() if error else None
    made = logging.LogRecord("fovea.store", logging.WARNING, "", 0, message, (), trace)
    made.facts = facts
    return made


def failed() -> logging.LogRecord:
    try:
        try:
            int(PATIENT)
        except ValueError as cause:
            raise OutOfSpace("The storage is full.") from cause
    except OutOfSpace:
        return record(error=True)


def test_text_names_level_logger_message_and_facts() -> None:
    line = logs.Text().format(record("stored", count=3, user=""))
    assert line.endswith(" WARNING fovea.store: stored count=3")
    assert line[10] == "T"


def test_json_is_one_object_a_line() -> None:
    line = logs.Json().format(record("two\nlines", count=3))
    assert "\n" not in line
    assert json.loads(line)["message"] == "two\nlines"
    assert json.loads(line)["count"] == 3


@pytest.mark.parametrize("formatter", [logs.Text(), logs.Json()])
def test_the_causes_of_an_error_are_named_without_their_messages(formatter: logging.Formatter) -> None:
    line = formatter.format(failed())
    assert "apps.core.errors.OutOfSpace: The storage is full." in line
    assert "builtins.ValueError" in line
    assert "in failed" in line
    assert PATIENT not in line


def test_text_keeps_one_event_on_one_line() -> None:
    assert "\n" not in logs.Text().format(record(f"a\nINFO forged: {PATIENT}"))


def test_an_endless_chain_of_causes_is_cut() -> None:
    error = ValueError("a")
    error.__cause__ = error
    assert logs.stack_without_values(error).count("ValueError") == logs.MAX_CHAIN


def test_a_failed_tasks_message_is_not_quoted() -> None:
    quoting = record(f"Failed 'apps.jobs.tasks.run' (abc) - ValueError {PATIENT}")
    assert not logs.NoTaskResults().filter(quoting)
    assert logs.NoTaskResults().filter(record("Processed 'apps.jobs.tasks.run' (abc)"))
