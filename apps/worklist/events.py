"""What the worklist tells the rest of the server, after the commit."""

from django.dispatch import Signal

# A step was planned, changed or moved on: step (ScheduledStep), previous (StepState before; None for a new one).
step_changed = Signal()
# The patient of a step has come: step (ScheduledStep).
checked_in = Signal()
