"""Here the practice hears of what arrives, and no test remembers what another has asked for."""

import pytest

from apps.jobs.asked import AskedLately
from apps.practice.linking import receivers as matching
from apps.practice.xrays import receivers as xrays


@pytest.fixture(autouse=True)
def heard_arrivals(unheard_arrivals: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xrays, "_asked", AskedLately())
    monkeypatch.setattr(matching, "_asked", AskedLately())
    monkeypatch.setattr(matching, "_idle", {})
