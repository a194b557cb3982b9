"""The jobs of volumes: finding those of a study, and building those that take long."""

from typing import Any, Final

from apps.archive.models import Study
from apps.core.errors import NotFound
from apps.jobs.handle import JobHandle
from apps.jobs.queue import enqueue
from apps.jobs.registry import job
from apps.saying import say
from apps.volumes.models import Volume
from apps.volumes.receivers import BUILD, FIND, MOST_SERIES, is_slow

LANE: Final = "volumes"
BUILD_SECONDS: Final = 3600


@job(FIND)
def volumes_find(handle: JobHandle, *, study: int) -> dict[str, int]:
    """Look for volumes in all series of a study, and have those built that take long."""
    from apps.volumes import cache
    from apps.volumes.finding import volumes_of

    row = Study.objects.filter(pk=study).first()
    if row is None:
        return {"volumes": 0}
    all_series = list(row.series.defer("found")[:MOST_SERIES])
    count = 0
    for done, series in enumerate(all_series):
        handle.progress(done, len(all_series), say("Looking for volumes"))
        volumes = volumes_of(series)
        count += len(volumes)
        for volume in volumes:
            if is_slow(volume) and not cache.is_ready(volume):
                enqueue(BUILD, {"volume": volume.pk}, practice=row.practice_id, key=f"{volume.pk}")
    return {"volumes": count}


@job(BUILD, max_attempts=2, timeout=BUILD_SECONDS, lane=LANE)
def volume_build(handle: JobHandle, *, volume: int) -> dict[str, Any]:
    """Put a volume into the cache, so that whoever opens it first finds it there."""
    from apps.volumes import cache

    row = Volume.objects.select_related("survey__series").filter(pk=volume).first()
    if row is None or cache.is_ready(row):
        return {"slices": 0}
    try:
        cache.opened(row, tell=lambda done, total: handle.progress(done, total, say("Reading the slices")))
    except NotFound:
        # Its images were replaced meanwhile: what they make now is another volume, which is asked for by itself.
        return {"slices": 0}
    return {"slices": row.slices}
