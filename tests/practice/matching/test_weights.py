"""Weights: written and read, and learnt from decisions or from nothing but the pairs."""

import json
from collections.abc import Iterator

import pytest

from apps.practice.matching.comparing import Comparison, Field, compare
from apps.practice.matching.learning import taught, unsupervised
from apps.practice.matching.levels import Level
from apps.practice.matching.weights import SHIPPED, Limits, Weights
from tests.practice.matching.people import numbered, somebody


def test_weights_are_the_same_after_writing_and_reading() -> None:
    again = Weights.of_json(SHIPPED.to_json())
    assert again.to_json() == SHIPPED.to_json()
    assert again.limits == SHIPPED.limits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"version": "1"}',
        '{"version": "1", "fields": {"shoe": {"exact": [0.5, 0.1]}}}',
        '{"version": "1", "fields": {"given": {"exact": [2, 0.1]}}}',
        '{"version": "1", "fields": {"given": {"exact": ["a", 0.1]}}}',
        '{"version": "1", "fields": {}, "limits": {"link": 7}}',
    ],
)
def test_what_are_no_weights_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Weights.of_json(text)


def test_limits_are_read_with_the_weights() -> None:
    said = json.loads(SHIPPED.to_json()) | {
        "limits": {"link": 0.999, "review": 0.01, "lead_bits": 9, "waived": ["initial"]}
    }
    assert Weights.of_json(json.dumps(said)).limits == Limits(0.999, 0.01, 9.0, ("initial",))


def _decided(count: int) -> Iterator[tuple[Comparison, bool]]:
    """Decisions in a practice whose devices leave the birth date's day to chance."""
    for _ in range(count):
        yield compare(somebody(), somebody(birth_date="1985-07-15")), True
        yield compare(somebody(), somebody(given="Eva")), False


def test_decisions_teach_and_few_teach_little() -> None:
    before = SHIPPED.chances[Field.BIRTH_DATE][Level.CLOSE]
    few = taught(SHIPPED, _decided(3), version="2").chances[Field.BIRTH_DATE][Level.CLOSE]
    many = taught(SHIPPED, _decided(300), version="2").chances[Field.BIRTH_DATE][Level.CLOSE]
    assert before.m < few.m < before.m + 0.05
    assert many.m > 0.5
    assert many.u == pytest.approx(before.u)


def test_the_same_decisions_teach_the_same() -> None:
    assert taught(SHIPPED, _decided(5), version="2").to_json() == taught(SHIPPED, _decided(5), version="2").to_json()


def test_pairs_alone_teach_what_one_person_looks_like() -> None:
    same = [compare(numbered("7304215"), numbered("7304215", given="Anna"))] * 40
    other = [
        compare(numbered("7304215"), numbered("5551234", family="Roy", given="Luc", birth_date="1950-02-03"))
    ] * 400
    learnt = unsupervised(SHIPPED, same + other, version="em")
    assert learnt.version == "em"
    assert learnt.chances[Field.IDENTIFIER][Level.EXACT].m > 0.9
    assert learnt.bits(same[0]) > 15 > -15 > learnt.bits(other[0])
