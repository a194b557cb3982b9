"""What the worker tells the rest of the server."""

from django.dispatch import Signal

# About once a minute, in each worker: for what goes by the clock. Several at once must do no harm; it is short work.
minute_passed = Signal()
