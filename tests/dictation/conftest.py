"""What holds for all tests of dictation."""

import pytest

from apps.dictation.models import Dictation
from apps.jobs import worker
from apps.jobs.models import Job


@pytest.fixture(autouse=True)
def done_here(no_heartbeat: None) -> None:
    """The tests do their jobs themselves."""


def listen() -> Dictation:
    """Do the job of the last dictation; gives it as it is then."""
    worker.run(Job.objects.filter(kind="dictation").latest("pk").pk)
    return Dictation.objects.latest("pk")
