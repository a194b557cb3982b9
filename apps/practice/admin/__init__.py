"""The practice's records in the admin."""

from apps.practice.admin.orthancs import OrthancAdmin

__all__ = ["OrthancAdmin"]
