"""Which of an archive's studies are chosen."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.remotes.found import FoundStudy
from apps.routing.prefetch.choosing import Wanted, choose, words_of
from apps.worklist.identity import Person

JANE = Person("P1", "", "Doe^Jane", "19700101")
WANTED = Wanted(JANE, frozenset({"CT"}), frozenset({"knee"}), frozenset(), 3, 1000)


def study(number: int = 1, **facts: Any) -> FoundStudy:
    known = {"patient_id": "P1", "patient_name": "Doe^Jane", "patient_birth_date": "19700101", "modalities": ("CT",)}
    return FoundStudy(f"1.2.{number}", **{**known, "study_date": f"2020010{number}", **facts})


@pytest.mark.parametrize(
    ("facts", "is_hers"),
    [
        ({}, True),
        ({"patient_name": "DOE^JANE^^^"}, True),
        ({"patient_name": "", "patient_birth_date": "19700101"}, True),
        ({"patient_name": "Doe^J", "patient_birth_date": "19700101"}, True),
        ({"patient_birth_date": ""}, True),
        ({"patient_name": "", "patient_birth_date": ""}, False),
        ({"patient_name": "Doe^John"}, False),
        ({"patient_birth_date": "19700102"}, False),
        ({"patient_id": "P10"}, False),
        ({"patient_id": ""}, False),
    ],
)
def test_a_study_is_hers_only_for_certain(facts: dict[str, Any], is_hers: bool) -> None:
    choice = choose(WANTED, [study(**facts)])
    assert (len(choice.studies), choice.differing) == ((1, 0) if is_hers else (0, 1))


def test_the_same_modality_or_body_part_comes_first_and_the_newest_of_these() -> None:
    found = [
        study(1),
        study(2, modalities=("DX",)),
        study(3, modalities=("DX",), description="Knee, left"),
        study(4, modalities=("DX",)),
    ]
    assert choose(WANTED, found).studies == ("1.2.3", "1.2.1", "1.2.4")


def test_other_modalities_than_asked_for_are_left_out_where_the_archive_tells_them() -> None:
    wanted = replace(WANTED, only=frozenset({"CT"}))
    choice = choose(wanted, [study(1, modalities=("MR",)), study(2, modalities=())])
    assert (choice.studies, choice.left_out) == (("1.2.2",), 1)


def test_a_study_that_is_too_large_leaves_room_for_others() -> None:
    choice = choose(WANTED, [study(1, instance_count=900), study(2, instance_count=2000), study(3, instance_count=90)])
    assert choice.studies == ("1.2.3", "1.2.1")


@pytest.mark.parametrize(
    ("ours", "count", "is_fetched"), [(0, None, True), (5, 5, False), (4, 5, True), (4, None, False)]
)
def test_what_is_here_is_not_fetched(ours: int, count: int | None, is_fetched: bool) -> None:
    assert bool(choose(WANTED, [study(ours=ours, instance_count=count)]).studies) is is_fetched


def test_neither_is_the_appointments_own_study() -> None:
    assert not choose(replace(WANTED, not_these=frozenset({"1.2.1"})), [study()]).studies


def test_words_are_compared_without_case_accents_and_short_ones() -> None:
    assert words_of("MRT Knie re. (2. Ebene)", "Épaule") == {"knie", "ebene", "epaule"}


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(["Doe^Jane", "Roe^Richard", ""])), max_size=9))
def test_the_bounds_hold_and_the_counts_add_up(rows: list[tuple[int, str]]) -> None:
    found = [study(number, instance_count=count, patient_name=name) for number, (count, name) in enumerate(rows, 1)]
    choice = choose(WANTED, found)
    chosen = [each for each in found if each.study_instance_uid in choice.studies]
    assert len(chosen) <= WANTED.most_studies
    assert sum(each.instance_count or 0 for each in chosen) <= WANTED.most_instances
    assert len(chosen) + choice.differing + choice.here + choice.left_out == choice.found
