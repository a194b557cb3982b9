"""Putting what an analysis has made into the archive: of its study alone, in series of its own, all or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings
from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from apps.analysis.kinds import Telling
from apps.analysis.models import Analysis
from apps.analysis.results import WAY, remove_others
from apps.archive.models import Series
from apps.archive.outcomes import DuplicatePolicy, Identity, Origin, Outcome, Status
from apps.archive.store import Batch
from apps.core.errors import Conflict, TooLarge
from apps.saying import say

# Of one run.
MOST_FILES: Final = 5000
STORING: Final = say("Storing the objects")
_NAMES: Final = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]


class NotOfStudy(ValueError):
    """A kind has made what is none of its study, or what would take another series' place: its own fault."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The series that were stored, in the order made, and of how many instances."""

    series_instance_uids: list[str]
    instance_count: int


def store(row: Analysis, made: Iterable[Path], tell: Telling) -> Stored:
    """Store these files, which are gone from their place then.

    All of them are made before the first is stored. Raises NotOfStudy, Conflict for what the archive doesn't take and
    for none at all, TooLarge for more than MOST_FILES, what making them raises, and OutOfSpace and Unavailable.
    """
    files = list(islice(made, MOST_FILES + 1))
    if len(files) > MOST_FILES:
        raise TooLarge(say("This would be more than {most} images.", most=MOST_FILES))
    identities = [_identity(path) for path in files]
    series = list(dict.fromkeys(each.series_instance_uid for each in identities))
    _check(row, identities, series)
    # It raises where the job is another worker's by now: nothing is noted by one that was given up.
    tell(0, len(files), STORING)
    _note_before(row, series)
    outcomes = _stored(row, files, identities, tell)
    remove_others(row, series, {each.sop_instance_uid for each in outcomes})
    return Stored(series, len(outcomes))


def _identity(path: Path) -> Identity:
    try:
        head = dcmread(path, stop_before_pixels=True, specific_tags=list(_NAMES))
    except InvalidDicomError as error:
        raise NotOfStudy(path.name) from error
    return Identity(*(str(head.get(name, "")) for name in _NAMES))


def _check(row: Analysis, identities: list[Identity], series: list[str]) -> None:
    if not identities:
        raise Conflict(say("Nothing came of this analysis: look at its parameters."))
    if any(each.study_instance_uid != row.study.study_instance_uid for each in identities):
        raise NotOfStudy("study")
    if not all(each.series_instance_uid and each.sop_instance_uid for each in identities):
        raise NotOfStudy("names")
    own = {*row.series_instance_uids, *row.leftover_uids}
    foreign = [uid for uid in series if uid not in own]
    if Series.objects.filter(study=row.study_id, series_instance_uid__in=foreign).exists():
        raise NotOfStudy("series")


def _note_before(row: Analysis, series: list[str]) -> None:
    """Should it break off in the middle, it is known what to remove."""
    row.leftover_uids = sorted({*row.leftover_uids, *series} - set(row.series_instance_uids))
    row.save(update_fields=["leftover_uids"])


def _stored(row: Analysis, files: list[Path], identities: list[Identity], tell: Telling) -> list[Outcome]:
    with Batch(_origin(row), DuplicatePolicy.OVERWRITE) as batch:
        for number, (path, identity) in enumerate(zip(files, identities, strict=True)):
            tell(number, len(files), STORING)
            batch.adopt(path, most=settings.MAX_INSTANCE_BYTES, expected=identity)
        outcomes = batch.commit()
    for outcome in outcomes:
        if outcome.status is Status.REFUSED:
            raise Conflict(outcome.reason)
    return outcomes


def _origin(row: Analysis) -> Origin:
    user = row.requested_by
    actor = user.get_username() if user else WAY
    return Origin(WAY, row.study.practice_id, actor, user_id=user.pk if user else None)
