"""The volume that an analysis is asked about: one of the study's own, as its series is now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from apps.archive.models import Series, Study
from apps.core.errors import Invalid
from apps.saying import say
from apps.volumes.finding import survey_of
from apps.volumes.models import Volume

NO_SUCH: Final = say("The study has no such volume. A series that has changed may have others now: GET /api/volumes.")


def volume_in(study: Study, asked: dict[str, Any]) -> Volume:
    """The volume of this number. Raises Invalid where it is none of the study's."""
    series = Series.objects.filter(study=study.pk, volume_survey__volumes=asked["volume"]).first()
    volumes = survey_of(series).volumes.filter(pk=asked["volume"]) if series else Volume.objects.none()
    found = volumes.select_related("survey__series__study").first()
    if found is None:
        raise Invalid(NO_SUCH, [("parameters.volume", NO_SUCH)])
    return found


@contextmanager
def refused_in_words(parameter: str) -> Iterator[None]:
    """What geometry refuses is what was asked for. Raises Invalid with its sentence."""
    try:
        yield
    except ValueError as error:
        reason = error.args[0] if error.args else str(error)
        raise Invalid(reason, [(f"parameters.{parameter}", reason)]) from error
