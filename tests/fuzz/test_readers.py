"""Whatever comes, a reader reads it or refuses it in its own words, in little time and memory."""

import pytest

from tests.fuzz.campaign import Target, campaign
from tests.fuzz.shares import SHARE, TARGETS


@pytest.mark.one_database
@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_reader(target: Target) -> None:
    campaign(target, SHARE)
