"""What holds for all tests of films."""

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def no_heartbeat(settings: Settings) -> None:
    """Jobs that the tests do themselves take a second or two, and a heartbeat doesn't see a test's own transaction."""
    settings.JOB_PULSE = 3600
