"""Findings follow what was measured: a lesion measured again in reports, or in a corrected one, has the new size."""

from collections.abc import Iterable, Iterator, Sequence
from math import dist
from typing import Any, Final

from django.db.models import Q

from apps.archive.models import Patient, Series, Study
from apps.lesions.measured import Measured, measured_by_people
from apps.lesions.models import FoundAs, Lesion, LesionFinding
from apps.measurements.models import Measurement
from apps.measurements.reports import read_all, unread

# Viewers give what was drawn a new UID whenever they save it: in the same image, so near by, it is the same thing.
NEAR_MM: Final = 5.0
# Series of reports that are read before an answer; jobs read the others.
MOST_READ: Final = 100
_COPIED: Final = (
    "tracking_uid",
    "diameter_mm",
    "short_axis_mm",
    "series_instance_uid",
    "sop_instance_uid",
    "frame_number",
)


def bring_up_to_date(patient: Patient) -> None:
    """The same as `take_over`, once the patient's reports that have come are read."""
    read_all(unread(Series.objects.filter(study__patient=patient)).defer("found").order_by("pk")[:MOST_READ])
    take_over(patient)


def take_over(patient: Patient) -> None:
    """Bring the findings of a patient's lesions up to what reports say now.

    A size that was taken from a measurement follows it; without it, it stays. A study in which a report has measured a
    lesion by its Tracking UID gets a finding. What a person has said otherwise stays as it is.
    """
    lesions = list(Lesion.objects.filter(study__patient=patient).prefetch_related("findings"))
    things = _concerned(patient, lesions)
    for lesion in lesions:
        known = {finding.study_id: finding for finding in lesion.findings.all()}
        for finding in known.values():
            if finding.state == FoundAs.MEASURED:
                _follow(finding, lesion, [each for each in things if each.study == finding.study_id])
        for thing in _first_of_studies(each for each in things if each.tracking_uid == lesion.tracking_uid):
            if thing.study not in known:
                LesionFinding.objects.get_or_create(lesion=lesion, study_id=thing.study, defaults=columns_of(thing))


def columns_of(thing: Measured) -> dict[str, Any]:
    """The columns of a finding that was measured so."""
    x, y, z = thing.point or (None, None, None)
    copied = {name: getattr(thing, name) for name in _COPIED}
    return {**copied, "state": FoundAs.MEASURED, "x": x, "y": y, "z": z}


def things_of(studies: Iterable[Study]) -> list[Measured]:
    """What people have measured in these studies."""
    return measured_by_people(Measurement.objects.filter(study__in=list(studies)))


def _concerned(patient: Patient, lesions: Sequence[Lesion]) -> list[Measured]:
    """What was measured of the lesions, or in the images that they were measured in."""
    findings = [finding for lesion in lesions for finding in lesion.findings.all()]
    uids = {each.tracking_uid for each in lesions} | {each.tracking_uid for each in findings} - {""}
    images = {each.sop_instance_uid for each in findings} - {""}
    rows = Measurement.objects.filter(study__patient=patient)
    return measured_by_people(rows.filter(Q(tracking_uid__in=uids) | Q(sop_instance_uid__in=images)))


def _follow(finding: LesionFinding, lesion: Lesion, things: Sequence[Measured]) -> None:
    thing = _same(finding, lesion, things)
    if thing is None:
        return
    columns = columns_of(thing)
    if any(getattr(finding, name) != value for name, value in columns.items()):
        LesionFinding.objects.filter(pk=finding.pk).update(**columns)


def _same(finding: LesionFinding, lesion: Lesion, things: Sequence[Measured]) -> Measured | None:
    """By the measurement's Tracking UID, by the lesion's, else by the place."""
    for uid in filter(None, (finding.tracking_uid, lesion.tracking_uid)):
        named = next((each for each in things if each.tracking_uid == uid), None)
        if named is not None:
            return named
    return next((each for each in things if _is_near(finding, each)), None)


def _is_near(finding: LesionFinding, thing: Measured) -> bool:
    here = (finding.sop_instance_uid, finding.frame_number)
    if not here[0] or here != (thing.sop_instance_uid, thing.frame_number):
        return False
    if finding.point is None or thing.point is None:
        return False
    return dist(finding.point, thing.point) <= NEAR_MM


def _first_of_studies(things: Iterable[Measured]) -> Iterator[Measured]:
    """The newest of each study."""
    seen = set[int]()
    for thing in things:
        if thing.study not in seen:
            seen.add(thing.study)
            yield thing
