"""Rules as sentences."""

from datetime import time
from typing import Any

import pytest

from apps.routing.models import Priority, Rule, When
from apps.routing.words import sentence


@pytest.mark.parametrize(
    ("fields", "names", "words"),
    [
        ({}, ["Cloud"], "Everything that arrives goes to Cloud when the study is complete."),
        ({}, [], "Everything that arrives goes to nowhere when the study is complete."),
        (
            {"modalities": "CT, MR", "calling_titles": "PANO1", "when": When.AT_ONCE, "priority": Priority.HIGH},
            ["Cloud", "Hospital"],
            "CT or MR from PANO1 goes to Cloud and Hospital at once, before all else.",
        ),
        (
            {"station_names": "Room 1; Room 2", "referring_physicians": "Doe, Jane"},
            ["Cloud"],
            "What comes of the station Room 1 or Room 2 for Doe, Jane goes to Cloud when the study is complete.",
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
            "What arrives on Saturday and Sunday from 18:00 to 06:00 goes to Cloud at once, after all else.",
        ),
        (
            {"weekdays": "1", "deletes": True, "modalities": "IO"},
            ["A", "B"],
            "IO on Monday goes to A and B when the study is complete. It is deleted here once A and B keep it.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(fields: dict[str, Any], names: list[str], words: str) -> None:
    assert sentence(Rule(name="x", **fields), names) == words
