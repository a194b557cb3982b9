"""The job of segmentations: reading those of a study."""

from typing import Final

from apps.archive.models import Instance
from apps.jobs.handle import JobHandle
from apps.jobs.registry import job
from apps.saying import say
from apps.segmentation.receivers import FIND

AT_ONCE: Final = 20


@job(FIND)
def segmentations_find(handle: JobHandle, *, study: int) -> dict[str, int]:
    """Read the segmentations of a study that nobody has read as they are now."""
    from apps.segmentation.finding import read_all, unread

    pks = list(unread(Instance.objects.filter(series__study=study)).order_by("pk").values_list("pk", flat=True))
    for done in range(0, len(pks), AT_ONCE):
        handle.progress(done, len(pks), say("Reading segmentations"))
        read_all(Instance.objects.filter(pk__in=pks[done : done + AT_ONCE]))
    return {"segmentations": len(pks)}
