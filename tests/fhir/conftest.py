"""A lead to speak of, and somebody who may look and no more."""

import pytest
from django.test import Client

from apps.accounts.models import Practice, User
from apps.accounts.permissions import Permission
from apps.practice.models import Lead
from tests.conftest import client_of
from tests.practice.appointments.booked import lead_of
from tests.rights import give


@pytest.fixture
def lead(practice: Practice) -> Lead:
    return lead_of(practice, external_id="L-1", name_key="doe jane")


@pytest.fixture
def viewer(practice: Practice) -> Client:
    user = User.objects.create_user("vera", practice=practice)
    give(user, practice, Permission.VIEW)
    return client_of(user)
