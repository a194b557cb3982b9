"""Routing in the admin: rules, the outbox, destinations and their promises."""

from apps.routing.admin.destinations import DestinationAdmin
from apps.routing.admin.outgoing import OutgoingAdmin
from apps.routing.admin.prior_sources import PrefetchSourceAdmin
from apps.routing.admin.priors import PrefetchAdmin
from apps.routing.admin.promises import CommitmentRequestAdmin
from apps.routing.admin.rules import RuleAdmin

__all__ = [
    "CommitmentRequestAdmin",
    "DestinationAdmin",
    "OutgoingAdmin",
    "PrefetchAdmin",
    "PrefetchSourceAdmin",
    "RuleAdmin",
]
