"""The job of measurements: reading the reports of a study."""

from contextlib import suppress
from typing import Final

from apps.archive.models import Study
from apps.core.errors import NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.measurements.models import Measurement
from apps.measurements.receivers import READ
from apps.saying import say

# Of one study; those of others are read when somebody asks.
MOST_SERIES: Final = 500


@job(READ)
def measurements_read(handle: JobHandle, *, study: int) -> dict[str, int]:
    """Read the reports of a study, and place again what measures in images that have come since."""
    from apps.measurements.reports import placed_again, with_reports

    row = Study.objects.filter(pk=study).first()
    if row is None:
        return {"measurements": 0}
    every = list(with_reports(row.series.defer("found"))[:MOST_SERIES])
    for done, series in enumerate(every):
        handle.progress(done, len(every), say("Reading measurements"))
        with suppress(NotFound):
            placed_again(series)
    return {"measurements": Measurement.objects.filter(study=study).count()}
