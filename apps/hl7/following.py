"""What follows from a message: what listens to its commit is called once the answer is on its way.

Listeners tell the devices, note what matching is to look at and ask for jobs. The answer says what is committed, and
that doesn't depend on them.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

from apps.core import metrics

Call = Callable[[], object]

logger = logging.getLogger("fovea.hl7")


@contextmanager
def held_back() -> Iterator[list[Call]]:
    """Within a transaction: what is registered to be called after its commit stands in this list at the end instead."""
    calls: list[Call] = []
    before = len(connection.run_on_commit)
    yield calls
    calls += [entry[1] for entry in connection.run_on_commit[before:]]
    del connection.run_on_commit[before:]


def run(calls: Iterable[Call]) -> None:
    """Call them after the commit; one that fails is no fault of the message's, and keeps none of the others from it."""
    for call in calls:
        try:
            call()
        except Exception as error:
            metrics.error_seen(error)
            logger.exception("an HL7 message was taken, and what follows from it failed")
