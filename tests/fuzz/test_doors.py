"""Objects that a reader bears are stored and shown without a fault of the server's own."""

import pytest
from django.test import Client

from apps.accounts.models import User
from tests.conftest import client_of
from tests.fuzz.campaign import Target, campaign
from tests.fuzz.doors import Door
from tests.fuzz.readers import LENGTHS, objects
from tests.fuzz.shares import SHARE

INPUTS = 40


@pytest.fixture
def boss(user: User) -> Client:
    """A superuser who stays a client: a fault is an answer, as it is for a browser."""
    user.is_staff = user.is_superuser = True
    user.save()
    client = client_of(user)
    client.raise_request_exception = False
    return client


def test_door(boss: Client) -> None:
    small = [data for data in objects() if len(data) < 20_000]
    door = Door(boss)
    campaign(Target("door", door.store_and_show, small, (), LENGTHS, INPUTS), SHARE)
    assert door.shown > INPUTS
