"""Analyses in the admin: the list, the page of one, the form by which one is asked for."""

from apps.analysis.admin.analyses import AnalysisAdmin

__all__ = ["AnalysisAdmin"]
