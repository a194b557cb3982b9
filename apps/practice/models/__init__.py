"""The practice's own records: its leads, what joins them to studies, X-rays, appointments, and whom it hears from."""

from apps.practice.models.leads import Lead, LeadKey, LeadStatus, NameUse

__all__ = ["Lead", "LeadKey", "LeadStatus", "NameUse"]
