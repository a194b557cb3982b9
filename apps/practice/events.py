"""What the practice's records tell the rest of the server: after the commit, but for what says otherwise."""

from django.dispatch import Signal

# A lead is new, changed or gone: practice_id (int), lead_pks (set[int]).
leads_changed = Signal()
# A study has another lead, or another state of its match, than before: practice_id (int), study_pks (set[int]).
matched = Signal()
# The same within the transaction that writes it, for who must not lose it: match (Match). What a listener raises undoes
# the writing.
match_written = Signal()
# Something that people of a practice want to be told of: kind (str, of apps.notifications.kinds), practice_id (int;
# None for what concerns the whole site), values (dict of what fills the text: numbers and names of things, never of
# patients), key (str: what it is about, so that the same thing told twice is one notification). Send it after the
# commit, robustly.
noteworthy = Signal()
