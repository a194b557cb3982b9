"""Tables 1, 2 and 3 of the paper, whole: every row, and every combination that the rows are of."""

from itertools import product

import pytest

from apps.lesions.recist.best import best_of, best_response
from apps.lesions.recist.overall import overall_response
from apps.lesions.recist.responses import WORDS, Response

CR, PR, SD, NN, PD, NE = (
    Response.COMPLETE,
    Response.PARTIAL,
    Response.STABLE,
    Response.NEITHER,
    Response.PROGRESSIVE,
    Response.NOT_EVALUABLE,
)
ANY_TARGET = (CR, PR, SD, PD, NE)
ANY_OTHER = (CR, NN, PD, NE)
NOT_PROGRESSED = (CR, NN, NE)
BOTH = (False, True)

# Targets, non-targets, new lesions, overall: each row of the table with all that it stands for.
TABLE_1 = [
    ((CR,), (CR,), (False,), CR),
    ((CR,), (NN,), (False,), PR),
    ((CR,), (NE,), (False,), PR),
    ((PR,), NOT_PROGRESSED, (False,), PR),
    ((SD,), NOT_PROGRESSED, (False,), SD),
    ((NE,), NOT_PROGRESSED, (False,), NE),
    ((PD,), ANY_OTHER, BOTH, PD),
    (ANY_TARGET, (PD,), BOTH, PD),
    (ANY_TARGET, ANY_OTHER, (True,), PD),
]
TABLE_2 = [
    ((CR,), (False,), CR),
    ((NN,), (False,), NN),
    ((NE,), (False,), NE),
    ((PD,), BOTH, PD),
    (ANY_OTHER, (True,), PD),
]


def _rows(table):
    for *sides, outcome in table:
        for combination in product(*sides):
            yield combination, outcome


def test_table_1_is_whole_and_of_one_mind():
    said = {}
    for combination, outcome in _rows(TABLE_1):
        assert said.setdefault(combination, outcome) is outcome
    assert set(said) == set(product(ANY_TARGET, ANY_OTHER, BOTH))


def test_targets_non_targets_and_new_lesions():
    for (target, non_target, has_new), outcome in _rows(TABLE_1):
        assert overall_response(target, non_target, has_new=has_new) is outcome, (target, non_target, has_new)


def test_non_targets_alone():
    for (non_target, has_new), outcome in _rows(TABLE_2):
        assert overall_response(None, non_target, has_new=has_new) is outcome, (non_target, has_new)


@pytest.mark.parametrize("target", ANY_TARGET)
@pytest.mark.parametrize("has_new", BOTH)
def test_targets_alone(target, has_new):
    assert overall_response(target, None, has_new=has_new) is (PD if has_new else target)


def test_without_any_lesion_there_is_no_response():
    with pytest.raises(ValueError, match="Without lesions"):
        overall_response(None, None, has_new=False)


# First and second time point, and the best response where the first was long enough after baseline, and where not.
TABLE_3 = [
    (CR, CR, CR, CR),
    (CR, PR, SD, PD),
    (CR, SD, SD, PD),
    (CR, PD, SD, PD),
    (CR, NE, SD, NE),
    (PR, CR, PR, PR),
    (PR, PR, PR, PR),
    (PR, SD, SD, SD),
    (PR, PD, SD, PD),
    (PR, NE, SD, NE),
    (NE, NE, NE, NE),
]


@pytest.mark.parametrize(("first", "second", "long", "short"), TABLE_3)
def test_what_is_confirmed(first, second, long, short):
    assert best_response(first, second, is_long_enough=True) is long
    assert best_response(first, second, is_long_enough=False) is short


def test_table_3_has_no_other_rows():
    for pair in set(product(Response, Response)) - {(first, second) for first, second, *_ in TABLE_3}:
        with pytest.raises(ValueError, match="Table 3"):
            best_response(*pair, is_long_enough=True)


@pytest.mark.parametrize(
    ("responses", "best"),
    [
        ([], None),
        ([(56, CR), (112, CR)], CR),
        ([(56, PR), (112, CR)], PR),
        ([(56, PR), (112, CR), (168, CR)], CR),
        ([(56, PR), (112, PR), (168, PD)], PR),
        ([(56, PR), (112, PD)], SD),
        ([(30, PR), (86, PD)], PD),
        ([(56, PR)], SD),
        ([(30, PR)], NE),
        # Less than four weeks later nothing is confirmed, but progression is.
        ([(56, PR), (70, PR)], SD),
        ([(56, PR), (70, PR), (100, PR)], PR),
        ([(30, PR), (40, PD), (100, PR)], PD),
        ([(56, SD), (112, PD)], SD),
        ([(30, SD), (86, PD)], PD),
        ([(30, SD)], NE),
        ([(30, SD), (86, SD)], SD),
        ([(56, NE), (112, PD)], PD),
        ([(56, NE)], NE),
        # What comes after progression doesn't count.
        ([(56, PD), (112, CR), (168, CR)], PD),
    ],
)
def test_best_of_a_patient(responses, best):
    assert best_of(responses, 42) is best


def test_every_response_has_words():
    assert set(WORDS) == set(Response)
