"""What reports tell the rest of the server."""

from django.dispatch import Signal

# A report was signed, and what leaves of it is stored. Within the transaction that notes it, so that it is told once
# and never lost: signature (apps.reports.models.Signature, with its report and study). What a listener raises undoes
# the noting, and all is tried again: listeners write rows of their own, and send nothing.
report_signed = Signal()
