"""Volumes as their callers reach them: as the series is now, on record, and like absent where they may not look."""

from contextlib import suppress
from typing import Final

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from rest_framework.request import Request

from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import Series
from apps.archive.rights import denied
from apps.audit import access
from apps.core.errors import NotFound, Refused
from apps.saying import say
from apps.volumes.finding import several_images, survey_of
from apps.volumes.geometry.flags import HARMLESS, Flag
from apps.volumes.models import Survey, Volume, VolumeQuerySet

# Series that one request looks at anew; jobs look at the others.
MOST_LOOKED_AT: Final = 100
# Of those that came last, so many are looked at where none is asked about by name.
RECENT: Final = 100
NO_SUCH: Final = say("There is no such volume. A series that has changed may have others now: GET /api/volumes.")


def volume_of(request: Request, pk: int, what: str, permission: Permission = Permission.VIEW) -> Volume:
    """The volume as its series is now, on record as `what`. Raises NotFound, and Refused for who may only look."""
    who = principal(request)
    reached = rows(request, permission).filter(pk=pk).first()
    if reached is None:
        raise _refused(request, pk, permission)
    volume, study = _as_it_is(reached), reached.series.study
    access.note(who, study.practice_id, study.study_instance_uid, what)
    return volume


def rows(request: Request, permission: Permission = Permission.VIEW) -> VolumeQuerySet:
    """The volumes that the caller reaches with the permission."""
    reached = Volume.objects.visible_to(principal(request), permission)
    return reached.select_related("survey__series__study").defer(
        "survey__series__found", "survey__series__study__found"
    )


def looked_at(request: Request, *, study: str = "", series: str = "") -> tuple[list[Survey], int]:
    """What is known of the series of these UIDs, as far as the caller reaches them, looked at now if need be.

    And how many are left that nobody has looked at.
    """
    reached = Series.objects.visible_to(principal(request), Permission.VIEW)
    if study:
        reached = reached.filter(study__study_instance_uid=study)
    if series:
        reached = reached.filter(series_instance_uid=series)
    unseen = reached.exclude(volume_survey__version=F("version")).order_by("pk")
    _look_at(unseen[:MOST_LOOKED_AT])
    known = Survey.objects.filter(series__in=reached, version=F("series__version"))
    return list(known.select_related("series").order_by("series__series_number", "series_id")), unseen.count()


def look_at_recent(request: Request) -> None:
    """See to it that series that came a moment ago are told of too, before their study has settled."""
    reached = Series.objects.visible_to(principal(request), Permission.VIEW)
    recent = Series.objects.filter(pk__in=list(reached.order_by("-pk").values_list("pk", flat=True)[:RECENT]))
    _look_at(several_images(recent.exclude(volume_survey__version=F("version"))))


def _look_at(many: QuerySet[Series]) -> None:
    for each in many:
        # One that is deleted meanwhile is not among them.
        with suppress(NotFound):
            survey_of(each)


def quantifiable(volumes: VolumeQuerySet, *, is_so: bool) -> VolumeQuerySet:
    """Those in which may be measured, or the others."""
    forbidden = Q()
    for flag in Flag:
        if flag not in HARMLESS:
            forbidden |= Q(flags_text__contains=f'"{flag.value}"')
    named = volumes.annotate(flags_text=Cast("flags", TextField()))
    return named.exclude(forbidden) if is_so else named.filter(forbidden)


def _refused(request: Request, pk: int, permission: Permission) -> NotFound | Refused:
    """Only who sees the volume learns that there is one."""
    seen = rows(request).filter(pk=pk).first() if permission is not Permission.VIEW else None
    if seen is None:
        return NotFound(NO_SUCH)
    return denied(principal(request), permission, seen.series.study.study_instance_uid)


def _as_it_is(volume: Volume) -> Volume:
    """The same volume, found anew where its series has changed. Raises NotFound where it is in none any more."""
    if volume.survey.version == volume.series.version:
        return volume
    found = survey_of(volume.series).volumes.filter(pk=volume.pk).select_related("survey__series__study").first()
    if found is None:
        raise NotFound(NO_SUCH)
    return found
