"""Videos in the archive, for the tests of playing them."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Practice
from apps.archive.models import Instance
from apps.archive.retrieve import StoredInstance, by_key
from tests import movies
from tests.dicomweb.archive import keep


@pytest.fixture
def stored(practice: Practice) -> Callable[[bytes], StoredInstance]:
    """Store an object, and give it as it is read."""

    def store(data: bytes) -> StoredInstance:
        keep(practice, data)
        found = by_key(Instance.objects.latest("pk").pk)
        assert found is not None
        return found

    return store


@pytest.fixture
def film(stored: Callable[[bytes], StoredInstance]) -> StoredInstance:
    """A video of 24 pictures, ten a second."""
    return stored(movies.video())


@pytest.fixture
def old_film(stored: Callable[[bytes], StoredInstance]) -> StoredInstance:
    """The same in MPEG-2, which browsers don't play."""
    stream = movies.stream("mpeg2video", "mpeg2video")
    return stored(movies.video(stream, transfer_syntax=movies.MPEG2))


@pytest.fixture
def others(stranger_client: Client, anonymous: Client) -> dict[int, Client]:
    """Who may not look at it, by what they are answered."""
    return {404: stranger_client, 401: anonymous}
