"""The rows of what is planned and what was performed."""

from apps.worklist.models.performed import PerformedState, PerformedStep
from apps.worklist.models.scheduled import LinkedBy, Priority, ScheduledStep, Sex, StepState
from apps.worklist.models.subscriptions import Subscription, WorkitemEvent, WorklistSubscription
from apps.worklist.models.unplanned import Reason, UnplannedStudy
from apps.worklist.models.workitems import ProcedureStepState, Workitem

__all__ = [
    "LinkedBy",
    "PerformedState",
    "PerformedStep",
    "Priority",
    "ProcedureStepState",
    "Reason",
    "ScheduledStep",
    "Sex",
    "StepState",
    "Subscription",
    "UnplannedStudy",
    "Workitem",
    "WorkitemEvent",
    "WorklistSubscription",
]
