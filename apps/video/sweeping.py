"""What nobody needs any more of films: files whose time is up, folders that no row names."""

import logging
from typing import Any, Final

from django.utils import timezone

from apps.jobs.models import ENDED
from apps.video.cameras.models import Camera
from apps.video.keeping import Folder
from apps.video.models import Video

logger = logging.getLogger(__name__)

# Each minute.
AT_ONCE: Final = 50
# After which a folder without a row belongs to a request that is gone.
HOURS: Final = 24


def on_minute(**_: Any) -> None:
    """Remove the files of films that are stored or have failed for long, and folders that belong to nothing."""
    over = Video.objects.filter(has_file=True, kept_until__lte=timezone.now(), last_state__in=ENDED)
    for video in over[:AT_ONCE]:
        remove_file(video)
    _remove_folders()


def remove_file(video: Video) -> None:
    """First the row, then the file: who wants it tried again looks at the row."""
    same = Video.objects.filter(pk=video.pk, has_file=True, last_state__in=ENDED)
    if same.update(has_file=False, kept_until=None):
        Folder(video.folder).discard()


def _remove_folders() -> None:
    old = {folder.name: folder for folder in Folder.left_behind(HOURS)}
    if not old:
        return
    films = Video.objects.filter(has_file=True, folder__in=old)
    # What waits to be aligned is no video yet.
    cameras = Camera.objects.filter(folder__in=old, procedure__job__isnull=False)
    waiting = cameras.exclude(procedure__job__state__in=ENDED)
    needed = {*films.values_list("folder", flat=True), *waiting.values_list("folder", flat=True)}
    for name in old.keys() - needed:
        logger.info("A folder of no video was removed.")
        old[name].discard()
