"""What the tests of the page share with those of what is written."""

import pytest
from django.test import Client

from apps.archive.models import Study
from apps.reports.models import Report
from tests.reports.drafts import made
from tests.reports.drafts.conftest import done_here, study, version

__all__ = ["done_here", "study", "version"]


@pytest.fixture
def report(client: Client, study: Study) -> Report:
    """A draft."""
    return made.written(made.begin(client, study))
