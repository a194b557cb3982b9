"""The practice's records in the admin."""

from apps.practice.admin.appointments import AppointmentAdmin
from apps.practice.admin.batches import BatchAdmin
from apps.practice.admin.leads import LeadAdmin
from apps.practice.admin.matches import MatchAdmin
from apps.practice.admin.orthancs import OrthancAdmin
from apps.practice.admin.weights import MatchingWeightsAdmin
from apps.practice.admin.xrays import XRayAdmin

__all__ = [
    "AppointmentAdmin",
    "BatchAdmin",
    "LeadAdmin",
    "MatchAdmin",
    "MatchingWeightsAdmin",
    "OrthancAdmin",
    "XRayAdmin",
]
