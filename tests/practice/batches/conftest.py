"""Whose the files of a batch may be."""

import pytest

from apps.accounts.models import Practice
from apps.practice.models import Lead
from tests.practice.linking import cases


@pytest.fixture
def lead(practice: Practice) -> Lead:
    return cases.lead(practice)


@pytest.fixture
def other_lead(other_practice: Practice) -> Lead:
    return cases.lead(other_practice)
