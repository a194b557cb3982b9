"""The worklist in the admin: what is planned, by list, by day and by form."""

from apps.worklist.admin.performed import PerformedStepAdmin
from apps.worklist.admin.steps import ScheduledStepAdmin
from apps.worklist.admin.unplanned import UnplannedStudyAdmin
from apps.worklist.admin.workitems import WorkitemAdmin

__all__ = ["PerformedStepAdmin", "ScheduledStepAdmin", "UnplannedStudyAdmin", "WorkitemAdmin"]
