"""A practice that routes: where to, and with nothing remembered from the test before."""

import pytest

from apps.accounts.models import Practice
from apps.remotes import admission
from apps.remotes.models import ApplicationEntity, Remote


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    admission.forget_all()


@pytest.fixture
def title(practice: Practice) -> ApplicationEntity:
    return ApplicationEntity.objects.create(title="NORTH", practice=practice)


@pytest.fixture
def elsewhere(title: ApplicationEntity) -> Remote:
    """A destination that nobody answers at."""
    return Remote.objects.create(practice=title.practice, name="Elsewhere", title="ELSEWHERE", host="127.0.0.1", port=1)
