"""What a summary says to people: tables in the admin, lines in the picture, groups of the report."""

from typing import Any

import pytest

from apps.calcium.report import CAC_DRS, RISK, groups
from apps.calcium.telling import lines, tables

SCORE: dict[str, Any] = {"agatston": 151.25, "volume": 120.5, "mass": None, "density": 3.5, "lesions": 2, "peak": 512.0}
FOUND = {
    "table": "made up", "citation": "Nobody N. 2026", "sha256": "0", "least": 50, "below": 75, "ageFrom": 45,
    "ageTo": 54, "ethnicity": "",
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    "scores": [{"vessel": "LAD", **SCORE}],
    "total": SCORE,
    "category": "moderate",
    "cacDrs": "A2/N1",
    "person": {"age": 50, "sex": "M", "ethnicity": None},
    "percentiles": {"found": [FOUND], "why": ""},
    "risk": {"percent": 3.06, "missing": [], "source": "MESA"},
    "thresholds": {"kvp": 120.0, "limits": [130, 200, 300, 400], "source": "Agatston"},
    "calibration": None,
    "kvp": 120.0,
    "step": 3.0,
    "remarks": ["not-gated"],
    "leftOut": [],
}


def said(**changed: Any) -> str:
    return "\n".join(" | ".join(row) for table in tables({**SUMMARY, **changed}) for row in table.rows)


def test_the_scores_and_what_they_mean() -> None:
    told = said()
    assert "Left anterior descending | 151.25 | 120.5 | — | 3.5 | 2 | 512" in told
    assert "Moderate (above 100, up to 400)" in told
    assert "CAC-DRS | A2/N1" in told
    assert "At least 50 % and less than 75 % of people like this have the same score or less. | Nobody N. 2026" in told
    assert "3.06 % | MESA" in told
    assert "(ECG)" in told


@pytest.mark.parametrize(
    ("why", "words"), [("no-table", "No reference table"), ("no-person", "Age and sex"), ("no-group", "knows people")]
)
def test_why_there_is_no_percentile(why: str, words: str) -> None:
    assert words in said(percentiles={"found": [], "why": why})


def test_why_there_is_no_risk() -> None:
    missing = {"percent": None, "missing": ["sex", "hdlCholesterol"], "source": "MESA"}
    assert "It takes also: Sex, HDL cholesterol (mg/dL)" in said(risk=missing)
    assert "from 45 to 85" in said(risk={**missing, "missing": []})


def test_without_remarks_there_is_no_table_of_them() -> None:
    assert len(tables({**SUMMARY, "remarks": []})) == 2
    assert len(tables(SUMMARY)) == 3


def test_the_picture_says_all_of_it() -> None:
    told = [" ".join(line.cells) for line in lines(SUMMARY)]
    for text in ("LAD 151.2 120.5 2", "CAC-DRS A2/N1", "10-year CHD risk 3.1 % (MESA 2015)", "Nobody N. 2026"):
        assert text in told
    assert any("not a certified medical device" in text for text in told)
    assert max(map(len, told)) <= 70


def test_the_report_says_no_more_than_is_known() -> None:
    whole, lad = groups(SUMMARY, "a run", {})
    assert {value.concept for value in whole.values} >= {RISK}
    assert {value.concept.meaning for value in lad.values} == {
        "Calcium score", "Calcium Volume", "Calcium density score", "Number of calcifications",
    }  # fmt: skip
    assert any(each.concept == CAC_DRS and each.text.startswith("A2/N1 ") for each in whole.evaluations)
    unknown, _ = groups({**SUMMARY, "risk": {"percent": None, "missing": ["age"], "source": "MESA"}}, "a run", {})
    assert RISK not in {value.concept for value in unknown.values}
