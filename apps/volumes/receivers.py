"""What volumes make of what the archive tells: they are found, and slow ones built, before anybody asks."""

from typing import Any, Final

from django.conf import settings
from django.db.models import F, Sum

from apps.archive.models import Instance, Series, Study
from apps.jobs.queue import enqueue
from apps.volumes.models import Volume

FIND: Final = "volumes-find"
BUILD: Final = "volume-build"
# Of one study; those of others are looked at when somebody asks.
MOST_SERIES: Final = 500
# JPEG 2000, JPEG XL and High-Throughput JPEG 2000 (PS3.5 A.4.4, A.4.12, A.4.13): 30 ms a slice, not five.
SLOW: Final = tuple(f"1.2.840.10008.1.2.4.{kind}" for kind in (*range(90, 94), *range(110, 113), *range(201, 204)))


def on_settled(*, study: Study, **_: Any) -> None:
    """Nothing more came of a study for a while: its series are looked at by a job, where one may make a volume."""
    counted = Series.objects.filter(study=study).annotate(images=Sum("instances__number_of_frames"))
    if counted.filter(images__gt=1).exists():
        enqueue(FIND, {"study": study.pk}, practice=study.practice_id, key=str(study.pk))


def on_deleted(*, practice_id: int, study_instance_uid: str, **_: Any) -> None:
    """What was deleted is not kept in the cache until somebody looks at the series again."""
    of_study = Volume.objects.filter(
        survey__series__study__practice=practice_id, survey__series__study__study_instance_uid=study_instance_uid
    )
    for volume in of_study.exclude(survey__version=F("survey__series__version")):
        _forget(volume)


def on_volume_deleted(*, instance: Volume, **_: Any) -> None:
    """A row's array goes with it."""
    _forget(instance)


def _forget(volume: Volume) -> None:
    # Here, and not above: NumPy is slow to import, and most processes never open a volume.
    from apps.volumes import cache

    cache.forget(volume)


def is_slow(volume: Volume) -> bool:
    """Whether building the volume takes so long that it is done before anybody asks (FOVEA_VOLUME_AHEAD_SLICES)."""
    ahead: int = settings.VOLUME_AHEAD_SLICES
    if not ahead or volume.slices < ahead:
        return False
    return Instance.objects.filter(series=volume.survey.series_id, transfer_syntax_uid__in=SLOW).exists()
