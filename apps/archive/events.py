"""What the archive tells the rest of the server, after the commit."""

from django.dispatch import Signal

# After a batch: study_pks (set[int]), statuses (list[Status], one an object), size (bytes stored), origin (Origin).
stored = Signal()
# After nothing more came of a study for a while, in a worker: study (Study). It may come again, for the same study too;
# a listener that fails has the job tried again.
settled = Signal()
# After a study, series or instance was deleted: practice_id (int), study_instance_uid (str), count (int).
deleted = Signal()
