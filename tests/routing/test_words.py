"""Rules as sentences."""

from datetime import time
from typing import Any

import pytest
from django.utils.translation import override

from apps.core.languages import translated
from apps.routing.models import Priority, Rule, When
from apps.routing.words import sentence


@pytest.mark.parametrize(
    ("fields", "names", "words"),
    [
        ({}, ["Cloud"], "Everything that arrives goes to Cloud when the study is complete."),
        ({}, [], "What arrives goes nowhere."),
        (
            {"modalities": "CT, MR", "calling_titles": "PANO1", "when": When.AT_ONCE, "priority": Priority.HIGH},
            ["Cloud", "Hospital"],
            (
                "What arrives goes to Cloud and Hospital at once. Only the modality CT or MR. Only from PANO1. "
                "It goes before all else."
            ),
        ),
        (
            {"station_names": "Room 1; Room 2", "referring_physicians": "Doe, Jane"},
            ["Cloud"],
            (
                "What arrives goes to Cloud when the study is complete. Only from the station Room 1 or Room 2. "
                "Only for Doe, Jane."
            ),
        ),
        (
            {
                "weekdays": "67",
                "from_time": time(18),
                "to_time": time(6),
                "priority": Priority.LOW,
                "when": When.AT_ONCE,
            },
            ["Cloud"],
            (
                "What arrives goes to Cloud at once. Only on Saturday and Sunday. Only from 18:00 to 06:00. "
                "It goes after all else."
            ),
        ),
        (
            {"weekdays": "1", "deletes": True, "modalities": "IO"},
            ["A", "B"],
            (
                "What arrives goes to A and B when the study is complete. Only the modality IO. Only on Monday. "
                "It is deleted here once A and B keep it."
            ),
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(fields: dict[str, Any], names: list[str], words: str) -> None:
    assert sentence(Rule(name="x", **fields), names) == words


def test_the_record_stays_english_while_the_page_speaks_the_readers_language() -> None:
    with override("fr"):
        text = sentence(Rule(name="x", weekdays="1"), ["Cloud"])
        shown = translated(text)
    assert "Only on Monday." in text
    assert "lundi" in shown
