"""The rows of what is planned and what was performed."""

from apps.worklist.models.scheduled import LinkedBy, Priority, ScheduledStep, Sex, StepState

__all__ = ["LinkedBy", "Priority", "ScheduledStep", "Sex", "StepState"]
