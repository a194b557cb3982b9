"""The jobs of the archive itself."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.archive.models import Study
from apps.jobs.arrivals import KIND
from apps.jobs.handle import JobHandle, Later
from apps.jobs.registry import job


@job(KIND)
def study_stable(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Make ready what viewers ask for first: the metadata of each series. Waits on while the study still grows."""
    from apps.archive import metadata

    row = Study.objects.filter(pk=study).first()
    if row is None:
        return {"series": 0}
    settled_at = row.updated_at + timedelta(seconds=settings.STUDY_SETTLES)
    if (pause := settled_at - timezone.now()) > timedelta(0):
        raise Later(pause)
    series_pks = list(row.series.values_list("pk", flat=True))
    for done, series_pk in enumerate(series_pks):
        handle.progress(done, len(series_pks), "Preparing the series")
        metadata.build(series_pk)
    handle.progress(len(series_pks), len(series_pks), "Ready to view")
    return {"series": len(series_pks)}
