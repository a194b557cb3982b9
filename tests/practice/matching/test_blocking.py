"""Which leads a patient is compared with."""

from apps.practice.matching.blocking import MAX_CANDIDATES, MAX_ROWS, keys, shortlist, usable
from tests.practice.matching.people import numbered, somebody


def test_two_records_of_one_person_share_a_key_whatever_one_slip() -> None:
    lead = numbered("7304215")
    for patient in (
        somebody(family="Roy", given="Luc", birth_date="1985-07-14"),
        somebody(family="Tremblai", given="Ana", birth_date=""),
        somebody(family="Ana", given="Tremblay", birth_date=""),
        somebody(birth_date="1958-07-14"),
        numbered("7304215", family="", given="", birth_date=""),
    ):
        assert keys(lead) & keys(patient)


def test_day_and_month_have_one_key_in_either_order() -> None:
    assert "b:19850304" in keys(somebody(birth_date="1985-04-03")) & keys(somebody(birth_date="1985-03-04"))


def test_keys_that_too_many_share_are_passed_over() -> None:
    assert usable({"b:common": MAX_ROWS + 1, "i:rare": 1, "n:some": 40}) == ["i:rare", "n:some"]


def test_the_rarest_keys_come_first_and_the_list_is_bounded() -> None:
    rows = [(lead, "n:common") for lead in range(500)] + [(499, "i:rare")]
    chosen = shortlist(rows)
    assert chosen[0] == 499
    assert len(chosen) == MAX_CANDIDATES
