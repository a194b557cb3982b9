"""What reports tell the rest of the server."""

from django.dispatch import Signal

# A report was signed, and what leaves of it is stored. Within the transaction that notes it, so that it is told once
# and never lost: signature (apps.reports.models.Signature, with its report and study). What a listener raises undoes
# the noting, and all is tried again: listeners write rows of their own, and send nothing.
report_signed = Signal()
# Something was done about a critical finding, within the transaction that notes it, so that it is told once and never
# lost: finding (apps.reports.models.CriticalFinding, with its study), what (apps.reports.critical.What). Listeners
# write rows of their own, and send nothing.
critical_told = Signal()
