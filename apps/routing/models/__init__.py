"""The rules by which objects go on, what has arrived for them, and the outbox of what is to go."""

from apps.routing.alarms.models import Alarm, AlarmKind
from apps.routing.commitments.models import CommitmentRequest, RequestState
from apps.routing.models.arrivals import Arrival
from apps.routing.models.outgoing import Delivery, DeliveryState, Destination, Outgoing, OutgoingState
from apps.routing.models.rules import Priority, Rule, When
from apps.routing.prefetch.models import Prefetch, PrefetchAnswer, PrefetchSource

__all__ = [
    "Alarm",
    "AlarmKind",
    "Arrival",
    "CommitmentRequest",
    "Delivery",
    "DeliveryState",
    "Destination",
    "Outgoing",
    "OutgoingState",
    "Prefetch",
    "PrefetchAnswer",
    "PrefetchSource",
    "Priority",
    "RequestState",
    "Rule",
    "When",
]
