"""The queue's settings."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import broker


def test_without_an_address_the_database_is_the_broker() -> None:
    assert broker.cluster("", 2)["orm"] == "default"


def test_a_redis_that_falls_silent_is_not_waited_for() -> None:
    url = broker.cluster("redis://:secret@cache:6379/1?socket_timeout=30", 2)["redis"]
    assert url == "redis://:secret@cache:6379/1?socket_connect_timeout=3&socket_timeout=30"


def test_another_kind_of_broker_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="FOVEA_BROKER_URL"):
        broker.cluster("amqp://rabbit", 2)
