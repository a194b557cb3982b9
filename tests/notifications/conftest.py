"""People who are told, and something to tell them of."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.archive import events
from apps.archive.models import Study
from apps.notifications.models import Notification
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.rights import give

Person = Callable[..., User]


@pytest.fixture
def person(practice: Practice) -> Person:
    """Makes users of the first practice who may do these things."""

    def make(name: str, *permissions: Permission, **grant: object) -> User:
        made = User.objects.create_user(name, practice=practice, email=f"{name}@example.org", is_staff=True)
        give(made, practice, *permissions, **grant)
        return made

    return make


@pytest.fixture
def study(practice: Practice) -> Study:
    """A study of Doe, Xanthippe with three images, of which nobody has been told."""
    keep(practice, *dicoms.ct_series(3, PatientName="Doe^Xanthippe"))
    return Study.objects.get(practice=practice)


@pytest.fixture
def mail_site(settings: Settings) -> Settings:
    """A site that sends e-mail, known by its address."""
    settings.EMAIL_IS_SENT = True
    settings.PUBLIC_URL = "https://fovea.example.org"
    return settings


def settle(study: Study) -> None:
    """Nothing more comes of the study for a while."""
    events.settled.send(sender=Study, study=study)


def told(user: User) -> list[str]:
    """The kinds of what the user was told, the oldest first."""
    rows = Notification.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("kind", flat=True))
