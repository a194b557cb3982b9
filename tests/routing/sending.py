"""What the router does, done at once in the test's own thread."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.remotes.models import Remote
from apps.routing import router
from apps.routing.draining import drain
from apps.routing.expanding import expand
from apps.routing.leases import Leases
from apps.routing.models import Outgoing, Rule
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.remotes.storing import SYNTAXES, TITLE

CT = "1.2.840.10008.5.1.4.1.1.2"
CONTEXT = (CT, SYNTAXES)


def rule_to(*remotes: Remote, **fields: Any) -> Rule:
    """A rule of the remotes' practice that sends to them."""
    rule = Rule.objects.create(practice=remotes[0].practice, **{"name": "Some", **fields})
    rule.destinations.add(*remotes)
    return rule


def settle() -> int:
    """Let the rules look at everything, as if nothing more came of any study."""
    return expand(timezone.now() + timedelta(days=1))


def route(is_to_stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, to each destination in turn; gives how many attempts were made."""
    return sum(drain(remote_id, Leases(), is_to_stop) for remote_id in router.due())


def hurry() -> None:
    """Let the pauses after failures be over."""
    Outgoing.objects.update(not_before=timezone.now())


def at(remote: Remote, port: int) -> Remote:
    """The remote is what listens at this port."""
    remote.port, remote.title = port, TITLE
    remote.save()
    return remote


def study(practice: Practice, number: int = 0, count: int = 1, **fields: Any) -> Study:
    """A stored study of so many CT slices; studies differ by their number."""
    uid = dicoms.uid(50, number)
    slices = [
        dicoms.ct_slice(
            StudyInstanceUID=uid, SeriesInstanceUID=f"{uid}.1", SOPInstanceUID=f"{uid}.1.{at}", InstanceNumber=at,
            **fields,
        )
        for at in range(1, count + 1)
    ]  # fmt: skip
    keep(practice, *slices)
    return Study.objects.get(practice=practice, study_instance_uid=uid)
