"""What becomes of uploads that nobody goes on with, and of those that the server stopped at."""

import logging
import time
from typing import Any, Final

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from apps.core.errors import FoveaError
from apps.jobs.models import State
from apps.uploads.models import Upload
from apps.uploads.resumable import parts, receiving

logger = logging.getLogger(__name__)

# Of each kind, each minute.
AT_ONCE: Final = 50


def on_minute(**_: Any) -> None:
    """Hand over what is whole, forget what has expired, and remove files that belong to nothing."""
    whole = Upload.objects.open().filter(received=F("length"), error="")
    for upload in whole.select_related("user", "job")[:AT_ONCE]:
        _finish(upload)
    for upload in Upload.objects.open().filter(expires_at__lt=timezone.now())[:AT_ONCE]:
        upload.delete()
        parts.discard(upload.key)
    _remove_files()


def _finish(upload: Upload) -> None:
    try:
        receiving.finish(upload)
    except FoveaError as error:
        logger.info("An upload could not be handed over: %s", error.code)


def _remove_files() -> None:
    oldest = time.time() - 3600 * settings.UPLOAD_KEEP_HOURS
    old = {key for key, changed in parts.kept() if changed < oldest}
    if not old:
        return
    at_work = Q(job=None) | Q(job__state__in=(State.QUEUED, State.RUNNING))
    needed = Upload.objects.filter(at_work, key__in=old).values_list("key", flat=True)
    for key in old.difference(needed):
        parts.discard_all(key)
