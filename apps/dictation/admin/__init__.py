"""Dictation in the admin: the practice's corrections, and which recognisers there are."""

from apps.dictation.admin.corrections import CorrectionAdmin

__all__ = ["CorrectionAdmin"]
