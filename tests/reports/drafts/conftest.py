"""What the tests of written reports share."""

import pytest

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.reports.models import TemplateVersion
from tests.reports.drafts import made


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """Nothing here waits for a worker."""


@pytest.fixture
def version(practice: Practice) -> TemplateVersion:
    return made.template(practice)


@pytest.fixture
def study(practice: Practice, version: TemplateVersion) -> Study:
    """A CT of a practice that has a template for it."""
    return made.study(practice)
