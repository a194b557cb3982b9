"""The analysis that finds lesions of an earlier study again: which of today's measurements is which lesion."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from apps.analysis.apart.asking import answer
from apps.analysis.apart.refusing import Unanswerable
from apps.analysis.kinds import Inputs, Result, Run
from apps.archive.models import Series, Study
from apps.core.errors import Conflict, Invalid
from apps.lesions.measured import Measured
from apps.lesions.models import Lesion, LesionFinding
from apps.lesions.objects import Images, group_of, measured_again, report_file
from apps.lesions.taking import bring_up_to_date, things_of
from apps.measurements.content import concepts
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.content.tools import PROBE, identifier_of
from apps.measurements.models import Measurement
from apps.saying import say
from apps.volumes import slices
from apps.volumes.derived.reaching import volume_in
from apps.volumes.finding import survey_of
from apps.volumes.handing import handed
from apps.volumes.lattices import lattice_of
from apps.volumes.models import Volume

FUNCTION: Final = "apps.lesions.tracking.working:track"
DESCRIPTION: Final = "Lesions found again (unverified)"
NOT_MEASURED: Final = "expected here, and not measured"
# Of the whole, in thousandths: where each volume is open, and where the places are found.
WHOLE, OPENED_ONE, OPENED_BOTH, FOUND = 1000, 200, 400, 900
OPENING: Final = say("Opening the volumes")
FINDING: Final = say("Finding the lesions again")
WRITING: Final = say("Writing the report")


@dataclass(frozen=True)
class Question:
    """The two volumes, the lesions with their finding in the earlier study, and what was measured today."""

    baseline: Volume
    follow_up: Volume
    before: list[tuple[Lesion, LesionFinding]]
    now: list[Measured]

    @property
    def digest(self) -> str:
        """Over all that the answer follows from."""
        lesions = [
            [lesion.pk, lesion.tracking_uid, lesion.name, lesion.organ, finding.point]
            for lesion, finding in self.before
        ]
        things = [
            [each.tracking_uid, each.point, each.organ, each.diameter_mm, each.short_axis_mm] for each in self.now
        ]
        told = [self.baseline.inputs, self.follow_up.inputs, lesions, things]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def inputs_of(study: Study, asked: dict[str, Any]) -> Inputs:
    """Raises Invalid for volumes that don't belong here, Conflict where there is nothing to be found again."""
    question = _question(study, asked)
    own, other = slices.inputs_of(question.follow_up), slices.inputs_of(question.baseline)
    return Inputs(
        series_instance_uids=(*own.series_instance_uids, *other.series_instance_uids),
        digest=question.digest,
        flags=tuple(dict.fromkeys((*own.flags, *other.flags))),
        is_quantifiable=own.is_quantifiable and other.is_quantifiable,
    )


def run(run: Run) -> Result:
    """Raises what `inputs_of` does, Conflict where the volumes don't fit, and what `run.tell` raises."""
    question = _question(run.study, run.parameters)
    found = _found(run, question)
    run.tell(FOUND, WHOLE, WRITING)
    groups, images = _groups(run, question, found)
    if not groups:
        raise Conflict(say("None of the lesions lies in what this volume shows: choose another volume."))
    header = slices.first_header(question.follow_up)
    path = report_file(run, header, groups, images, DESCRIPTION)
    return Result((path,), _summary(question, found))


def _question(study: Study, asked: dict[str, Any]) -> Question:
    bring_up_to_date(study.patient)
    follow_up, baseline = volume_in(study, asked), _earlier(study, asked["baseline"])
    _check(follow_up, baseline)
    before = lesions_in(baseline.series.study)
    if not before:
        raise Conflict(say("No lesions are recorded in the earlier study: record them first (POST /api/lesions)."))
    now = [each for each in things_of([study]) if each.point]
    if not now:
        raise Conflict(say("Nothing was measured in this study yet: measure its lesions in the viewer first."))
    return Question(baseline, follow_up, before, now)


def lesions_in(study: Study) -> list[tuple[Lesion, LesionFinding]]:
    """The lesions of which it is known where they lie in a study."""
    found = LesionFinding.objects.filter(study=study, x__isnull=False).select_related("lesion").order_by("lesion")
    return [(each.lesion, each) for each in found]


def _earlier(study: Study, pk: int) -> Volume:
    """The volume of another study of the patient. Raises Invalid where there is none."""
    series = Series.objects.filter(study__patient=study.patient_id, volume_survey__volumes=pk).exclude(study=study)
    known = series.first()
    volumes = survey_of(known).volumes.filter(pk=pk) if known else Volume.objects.none()
    found = volumes.select_related("survey__series__study").first()
    if found is None:
        reason = say("The patient has no such volume in another study.")
        raise Invalid(reason, [("parameters.baseline", reason)])
    return found


def _check(follow_up: Volume, baseline: Volume) -> None:
    if follow_up.series.modality != baseline.series.modality:
        raise Conflict(say("The two volumes are of different modalities: choose two of the same."))
    if not (follow_up.is_quantifiable and baseline.is_quantifiable):
        raise Conflict(
            say("In one of the two volumes nothing may be measured (GET /api/volumes says why): choose another.")
        )


def _found(run: Run, question: Question) -> dict[str, Any]:
    """What the process answers. Raises Conflict."""
    asked = {
        "baseline": handed(question.baseline, run.folder, tell=_opening(run, 0, OPENED_ONE)),
        "followUp": handed(question.follow_up, run.folder, tell=_opening(run, OPENED_ONE, OPENED_BOTH)),
        "before": [_place(str(lesion.pk), finding.point, lesion.organ) for lesion, finding in question.before],
        "now": [_place(str(n), each.point, each.organ) for n, each in enumerate(question.now)],
        "gate": run.parameters["gate"],
    }
    try:
        return answer(FUNCTION, asked, _listening(run))
    except Unanswerable as error:
        raise Conflict(
            say(
                "The two volumes don't fit on each other (similarity {similarity}, of 1): choose volumes of the same "
                "part of the body.",
                similarity=error.values["similarity"],
            )
        ) from error


def _place(key: str, point: Any, organ: str) -> dict[str, Any]:
    return {"key": key, "point": list(point), "organ": organ}


def _opening(run: Run, begin: int, end: int) -> Any:
    def tell(done: int, total: int) -> None:
        run.tell(begin + (end - begin) * done // max(total, 1), WHOLE, OPENING)

    return tell


def _listening(run: Run) -> Any:
    heard = OPENED_BOTH

    def listen(done: int, total: int) -> None:
        nonlocal heard
        # Nothing was said for a moment: it goes on where it was.
        heard = OPENED_BOTH + (FOUND - OPENED_BOTH) * done // total if total else heard
        run.tell(heard, WHOLE, FINDING)

    return listen


def _rows(question: Question) -> dict[int, list[Measurement]]:
    """The values of each thing measured today, by its number."""
    keys = [pk for each in question.now for pk in each.measurements]
    found = Measurement.objects.in_bulk(keys)
    return {n: [found[pk] for pk in each.measurements if pk in found] for n, each in enumerate(question.now)}


def _images(row: Measurement) -> list[str]:
    return [each["sopInstanceUid"] for each in row.coordinates]


def _groups(run: Run, question: Question, found: dict[str, Any]) -> tuple[list[Group], Images]:
    """Those found again with what was measured of them, and those missing, marked where they were to be expected; and
    the images that all of it lies in. What lies outside of the images has no place in the report."""
    lesions = {str(lesion.pk): lesion for lesion, _ in question.before}
    marks = {key: mark_of(question.follow_up, found["expected"][key]) for key in found["missing"]}
    rows = _rows(question)
    drawn = [image for several in rows.values() for row in several for image in _images(row)]
    images = Images(run.study, [*drawn, *(mark.sop_instance_uid for mark in marks.values())])
    again = [measured_again(lesions[pair["before"]], rows[int(pair["now"])], images) for pair in found["pairs"]]
    return [*again, *(_marked(lesions[key], mark) for key, mark in marks.items())], images


def _marked(lesion: Lesion, mark: Coordinates) -> Group:
    """A point as viewers write one: a number that is none, with its place (`content.tools`)."""
    place = Value(concepts.CENTRE, 0.0, concepts.NO_UNIT, coordinates=(mark,))
    identifier = f"{identifier_of(PROBE)}:{lesion.name}"
    said = f"{lesion.name}: {NOT_MEASURED}"
    return group_of(lesion, tool=PROBE, tracking_identifier=identifier, label=said, values=(place,))


def mark_of(volume: Volume, point: Sequence[float]) -> Coordinates:
    """A point of the patient (LPS, mm) in the image of the volume that it is nearest to. Raises NotFound."""
    lattice, images = lattice_of(volume), slices.sources_of(volume)
    along, down, across = lattice.inverse @ (np.asarray(point) - np.asarray(lattice.origin))
    image = images[int(np.abs(np.asarray(lattice.offsets) - along).argmin())]
    _, rows, columns = lattice.shape
    # The middle of the first pixel is (0.5, 0.5) (PS3.3 C.18.6.1.2).
    column, row = across / lattice.column_spacing + 0.5, down / lattice.row_spacing + 0.5
    place = (float(np.clip(column, 0, columns)), float(np.clip(row, 0, rows)))
    has_frames = sum(each.sop_instance_uid == image.sop_instance_uid for each in images) > 1
    frame = image.frame_number if has_frames else 0
    return Coordinates("POINT", (place,), image.sop_class_uid, image.sop_instance_uid, frame)


def _summary(question: Question, found: dict[str, Any]) -> dict[str, Any]:
    lesions = {str(lesion.pk): (lesion, finding) for lesion, finding in question.before}
    motion = found["motion"]
    return {
        "pairs": [
            _pair(*lesions[pair["before"]], question.now[int(pair["now"])], pair["distance"]) for pair in found["pairs"]
        ],
        "missing": [_expected(lesions[key][0], found["expected"][key]) for key in found["missing"]],
        "outside": [_expected(lesions[key][0], found["expected"][key]) for key in found["outside"]],
        "new": [_thing(question.now[int(key)]) for key in found["new"]],
        "similarity": round(motion["similarity"], 3),
        "overlap": round(motion["overlap"], 3),
    }


def _pair(lesion: Lesion, finding: LesionFinding, thing: Measured, distance: float) -> dict[str, Any]:
    sizes = {"sizeBefore": finding.size_mm, "size": _size(lesion, thing)}
    return {"lesion": lesion.pk, "name": lesion.name, **_thing(thing), **sizes, "distance": round(distance, 1)}


def _size(lesion: Lesion, thing: Measured) -> float:
    across = thing.short_axis_mm if lesion.is_node else None
    return thing.diameter_mm if across is None else across


def _thing(thing: Measured) -> dict[str, Any]:
    return {"measurement": thing.measurements[0], "label": thing.label, "size": thing.diameter_mm}


def _expected(lesion: Lesion, point: Sequence[float]) -> dict[str, Any]:
    return {"lesion": lesion.pk, "name": lesion.name, "expected": [round(each, 1) for each in point]}
