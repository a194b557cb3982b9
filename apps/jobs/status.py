"""How the queue is doing, for the health checks, the metrics and the admin."""

from datetime import timedelta
from typing import Final

from django.db import Error
from django.db.models import Count, Min
from django.utils import timezone
from django_q.brokers import get_broker
from redis.exceptions import RedisError

from apps.core.errors import Unavailable
from apps.jobs.models import Job, State, Worker
from apps.saying import say

ALIVE: Final = timedelta(seconds=30)


def workers_seen(within: timedelta = ALIVE) -> int:
    """How many workers gave a sign of life within that time."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - within).count()


def counts() -> dict[str, int]:
    """How many jobs are in each state."""
    found = Job.objects.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(State.values, 0) | dict(found)


def oldest_due() -> timedelta:
    """How long the oldest job that could be done now has waited; zero when none waits."""
    now = timezone.now()
    queued = Job.objects.filter(state=State.QUEUED, not_before__lte=now)
    oldest = queued.aggregate(oldest=Min("not_before"))["oldest"]
    return now - oldest if oldest else timedelta(0)


def broker_answers() -> None:
    """Ask the queue's broker whether it is there. Raises Unavailable."""
    try:
        get_broker().ping()
    except (RedisError, Error) as error:
        raise Unavailable(say("The queue's broker does not answer.")) from error
