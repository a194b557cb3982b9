"""The rules by which objects go on, what has arrived for them, and the outbox of what is to go."""

from apps.routing.models.arrivals import Arrival
from apps.routing.models.outgoing import Delivery, DeliveryState, Destination, Outgoing, OutgoingState
from apps.routing.models.rules import Priority, Rule, When

__all__ = [
    "Arrival",
    "Delivery",
    "DeliveryState",
    "Destination",
    "Outgoing",
    "OutgoingState",
    "Priority",
    "Rule",
    "When",
]
