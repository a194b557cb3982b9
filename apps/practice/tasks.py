"""The jobs of the practice's parts: each part's own module registers them."""

from apps.practice.appointments import tasks as appointments
from apps.practice.batches import tasks as batches
from apps.practice.devices import tasks as devices
from apps.practice.leads.importing import tasks as leads
from apps.practice.linking import tasks as linking
from apps.practice.orthancs import tasks as orthancs
from apps.practice.xrays import tasks as xrays

__all__ = ["appointments", "batches", "devices", "leads", "linking", "orthancs", "xrays"]
