"""A practice with an AE title and an X-ray machine."""

import pytest

from apps.accounts.models import Practice
from apps.remotes import admission, callers
from apps.remotes.models import ApplicationEntity, Remote
from tests.remotes.asking import HERE, TITLE, XRAY


@pytest.fixture(autouse=True)
def nobody_known() -> None:
    admission.forget_all()
    callers.forget_all()


@pytest.fixture
def title(practice: Practice) -> ApplicationEntity:
    return ApplicationEntity.objects.create(title=TITLE, practice=practice)


@pytest.fixture
def xray(title: ApplicationEntity) -> Remote:
    return Remote.objects.create(
        practice=title.practice, name="Panoramic X-ray", title=XRAY, host=HERE, port=104, may_store=True, may_find=True
    )
