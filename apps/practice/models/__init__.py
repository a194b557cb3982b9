"""The practice's own records: its leads, what joins them to studies, X-rays, appointments, and whom it hears from."""

from apps.practice.models.leads import Lead, LeadKey, LeadStatus, NameUse
from apps.practice.models.xrays import XRay, XrayStatus, XrayType

__all__ = ["Lead", "LeadKey", "LeadStatus", "NameUse", "XRay", "XrayStatus", "XrayType"]
