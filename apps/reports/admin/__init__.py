"""Reports in the admin. Each part adds its pages here."""

from apps.reports.admin.critical import CriticalFindingAdmin
from apps.reports.admin.letterheads import LetterheadAdmin

__all__ = ["CriticalFindingAdmin", "LetterheadAdmin"]
