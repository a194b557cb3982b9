"""Hundreds of measurements cost no more queries than one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Practice, User
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.reports.filling import filled
from apps.reports.filling.measuring import MOST_LINES
from tests.lesions.studies import imaged, line, reported
from tests.reports.filling.made import field, structure

pytestmark = pytest.mark.django_db

BEFORE, NOW = 1, 2
MANY = MOST_LINES + 5
STRUCTURE = structure(
    field("measurements.list", key="list"),
    field("measurement(SCT:410668003, pick=largest, show=both)", key="largest"),
    field("measurement(SCT:410668003, pick=smallest, show=both)", key="smallest"),
)


def measured(practice: Practice, number: int, count: int) -> Study:
    lines = [line(number, 5 + at + number, (30, 30), tracking=at, label=f"Nodule {at}") for at in range(1, count + 1)]
    return reported(practice, number, *lines, report_number=count)


def queries(study: Study, user: User) -> int:
    who = Principal.of(user)
    filled(study, STRUCTURE, who)
    with CaptureQueriesContext(connection) as asked:
        filled(study, STRUCTURE, who)
    return len(asked)


def test_the_number_of_queries(practice: Practice, user: User) -> None:
    imaged(practice, BEFORE)
    imaged(practice, NOW)
    measured(practice, BEFORE, 1)
    few = queries(measured(practice, NOW, 1), user)
    measured(practice, BEFORE, MANY)
    study = measured(practice, NOW, MANY)
    # One more report is one more query: for the images that somebody has noted in it.
    assert queries(study, user) <= few + 1
    assert few < 25
    content = filled(study, STRUCTURE, Principal.of(user))
    assert len(content.measurements) == MANY
    lines = str(content.entries["list"].value).splitlines()
    assert len(lines) == MOST_LINES + 1
    assert lines[0] == "Nodule 1, Length: 8 mm (previous 7 mm on 2025-03-10, +14 %)"
    assert lines[-1] == "…"
    assert str(content.entries["largest"].value).startswith(f"{MANY + 7} mm (previous {MANY + 6} mm")
