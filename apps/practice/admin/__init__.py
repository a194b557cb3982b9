"""The practice's records in the admin."""

from apps.practice.admin.matches import MatchAdmin
from apps.practice.admin.orthancs import OrthancAdmin

__all__ = ["MatchAdmin", "OrthancAdmin"]
