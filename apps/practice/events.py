"""What the practice's records tell the rest of the server, after the commit."""

from django.dispatch import Signal

# A lead is new, changed or gone: practice_id (int), lead_pks (set[int]).
leads_changed = Signal()
# A study has another lead, or another state of its match, than before: practice_id (int), study_pks (set[int]).
matched = Signal()
