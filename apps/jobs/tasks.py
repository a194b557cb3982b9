"""The jobs of the archive itself."""

import logging
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from apps.accounts.principal import Principal
from apps.archive import events, metadata, renditions, retrieve
from apps.archive.models import Series, Study
from apps.core.errors import FoveaError
from apps.jobs.arrivals import KIND
from apps.jobs.handle import JobHandle, Later
from apps.jobs.registry import job
from apps.saying import say

# As the viewer asks for it.
THUMBNAIL: Final = {"viewport": "256,256"}

logger = logging.getLogger(__name__)


@job(KIND)
def study_stable(handle: JobHandle, *, study: int) -> dict[str, Any]:
    """Make ready what viewers ask for first: each series' metadata and thumbnail. Waits on while the study grows."""
    row = Study.objects.filter(pk=study).first()
    if row is None:
        return {"series": 0}
    settled_at = row.updated_at + timedelta(seconds=settings.STUDY_SETTLES)
    if (pause := settled_at - timezone.now()) > timedelta(0):
        raise Later(pause)
    all_series = list(row.series.defer("found"))
    for done, series in enumerate(all_series):
        handle.progress(done, len(all_series), say("Preparing the series"))
        _prepare(row, series)
    events.settled.send(sender=Study, study=row)
    handle.progress(len(all_series), len(all_series), say("Ready to view"))
    return {"series": len(all_series)}


def _prepare(study: Study, series: Series) -> None:
    """What can't be made ready is made, or refused, when somebody asks for it."""
    document = metadata.Document("series", series.pk, series.version, study.practice_id, _dicomweb_root())
    document.prepare()
    worker = Principal.worker(study.practice_id)
    try:
        stored = retrieve.representative(worker, study.study_instance_uid, series.series_instance_uid)
        renditions.prepare_thumbnail(stored, renditions.middle_frame(stored), THUMBNAIL)
    except FoveaError as error:
        logger.info("series %s has no thumbnail: %s", series.pk, type(error).__name__)


def _dicomweb_root() -> str:
    """The address that most will ask by: the site's own or, where it named none, the one that `make run` prints."""
    site = settings.PUBLIC_URL or f"http://{settings.HTTP_HOST}:{settings.HTTP_PORT}"
    return f"{site.rstrip('/')}/dicom-web"
