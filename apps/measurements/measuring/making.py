"""The run that measures figures and writes their report; a person drew them, so the person is its observer."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from apps.analysis.kinds import Inputs, Result, Run, Table
from apps.analysis.uids import uid
from apps.archive.models import Instance, Study
from apps.core.errors import Invalid
from apps.dicom.attributes import Attributes
from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content import solids
from apps.measurements.content.calibration import WORDS, Calibration
from apps.measurements.content.figures import Figure, check_points, group_of
from apps.measurements.content.groups import Group
from apps.measurements.content.solids import Contour, Solid
from apps.measurements.measuring.images import Picture, instances_of, picture_of, size_of
from apps.measurements.writing.sr import Evidence, Observer, ReportSeries, report_object
from apps.saying import say
from apps.volumes.derived.reaching import refused_in_words
from apps.volumes.derived.telling import forbidden_in
from apps.volumes.geometry.frames import Frame

NO_SUCH: Final = say("The study has no such image.")
MEASURING: Final = say("Measuring")
_SERIES_NUMBER: Final = 9000


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure's group, and where the image lies; `header` is the object's, as it leaves."""

    group: Group
    header: Attributes
    frame: Frame


def inputs_of(study: Study, asked: dict[str, Any]) -> Inputs:
    """Of headers alone. Raises Invalid for images that are none of the study's, and figures of too few points."""
    found = _instances(study, asked["measurements"])
    sizes = {name: size_of(row) for name, row in found.items()}
    for number, each in enumerate(asked["measurements"]):
        _check(number, each, found[each["instance"]].number_of_frames, sizes[each["instance"]])
    rows = sorted(found.values(), key=lambda row: row.sop_instance_uid)
    digest = sha256(b"".join(bytes(row.digest) for row in rows)).hexdigest()
    return Inputs(tuple(dict.fromkeys(row.series.series_instance_uid for row in rows)), digest)


def make_report(run: Run) -> Result:
    """The report. Raises Invalid, NotFound for an image that has gone, NotAcceptable, Unavailable; and Cancelled."""
    asked: Sequence[dict[str, Any]] = run.parameters["measurements"]
    found = _instances(run.study, asked)
    measured: dict[int, Measured] = {}
    for (instance, frame), numbers in _by_image(asked).items():
        run.tell(len(measured), len(asked), MEASURING)
        picture = picture_of(found[instance], frame)
        measured |= {number: _measured(run, number, asked[number], picture) for number in numbers}
    groups = [measured[number].group for number in range(len(asked))]
    volumes = [_solid(run, number, each, measured) for number, each in enumerate(run.parameters["volumes"])]
    observer = Observer(run.asked_by or run.study.practice.name)
    # Another person's report of the same figures is another object.
    seed = f"{run.seed}/{observer.name}"
    series = ReportSeries(
        uid(seed, "report series"), uid(seed, "report"), run.parameters["description"], _SERIES_NUMBER
    )
    evidence, header = _evidence(run.study, found), measured[0].header
    file = report_object(header, [*groups, *volumes], series=series, evidence=evidence, observer=observer)
    path = run.folder / "report.dcm"
    path.write_bytes(file)
    told = [_told(each["tool"], group) for each, group in zip(asked, groups, strict=True)]
    return Result((path,), {"measurements": told + [_told("volume", group) for group in volumes]})


def tables_of(summary: dict[str, Any]) -> list[Table]:
    """The values as people read them."""
    columns = (str(say("Label")), str(say("What")), str(say("Value")), str(say("Unit")))
    rows = [
        (each["label"] or each["tool"], value["concept"], f"{value['value']:.6g}", value["unit"])
        for each in summary.get("measurements", [])
        for value in each["values"]
    ]
    return [Table(str(say("Measurements")), columns, tuple(rows))]


def _instances(study: Study, asked: Sequence[dict[str, Any]]) -> dict[str, Instance]:
    found = instances_of(study, (each["instance"] for each in asked))
    missing = [number for number, each in enumerate(asked) if each["instance"] not in found]
    if missing:
        raise Invalid(NO_SUCH, [(f"parameters.measurements.{number}.instance", NO_SUCH) for number in missing])
    return found


def _check(number: int, asked: dict[str, Any], frames: int, size: tuple[int, int]) -> None:
    """Raises Invalid for a frame that there isn't, for points beside the image and too few of them."""
    where = f"measurements.{number}"
    if asked["frame"] > frames:
        reason = say("The image has {count} frames.", count=frames)
        raise Invalid(reason, [(f"parameters.{where}.frame", reason)])
    with refused_in_words(f"{where}.points"):
        check_points(_figure(asked), *size)


def _figure(asked: dict[str, Any]) -> Figure:
    points = tuple((float(column), float(row)) for column, row in asked["points"])
    return Figure(asked["tool"], points, *_named(asked))


def _named(asked: dict[str, Any]) -> tuple[str, Code, tuple[Code, ...]]:
    """Label, finding and sites."""
    finding = _code(asked["finding"]) if asked.get("finding") else NO_CODE
    return asked["label"], finding, tuple(_code(each) for each in asked["sites"])


def _code(asked: dict[str, str]) -> Code:
    return Code(asked["meaning"], asked["value"], asked["scheme"])


def _by_image(asked: Sequence[dict[str, Any]]) -> dict[tuple[str, int], list[int]]:
    """The figures' numbers by instance and frame, so that each image is decoded once."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, each in enumerate(asked):
        found[each["instance"], each["frame"]].append(number)
    return found


def _measured(run: Run, number: int, asked: dict[str, Any], picture: Picture) -> Measured:
    figure = _figure(asked)
    with refused_in_words(f"measurements.{number}.points"):
        group = group_of(figure, picture.image_of(figure), uid(run.seed, f"tracking {number}"))
    return Measured(group, picture.header, picture.frame)


def _solid(run: Run, number: int, asked: dict[str, Any], measured: Mapping[int, Measured]) -> Group:
    """The volume of some of the outlines."""
    outlines = [measured[each] for each in asked["contours"]]
    contours = [Contour(each.group.values[0].coordinates[0], each.frame) for each in outlines]
    with refused_in_words(f"volumes.{number}.contours"):
        if any(forbidden_in(each.header) for each in outlines):
            raise ValueError(WORDS[Calibration.FORBIDDEN])
        return solids.group_of(Solid(*_named(asked)), contours, uid(run.seed, f"volume {number}"))


def _evidence(study: Study, found: dict[str, Instance]) -> Iterator[Evidence]:
    for row in found.values():
        series = row.series.series_instance_uid
        yield Evidence(study.study_instance_uid, series, row.sop_class_uid, row.sop_instance_uid)


def _told(tool: str, group: Group) -> dict[str, Any]:
    values = [{"concept": each.concept.meaning, "value": each.value, "unit": each.unit.value} for each in group.values]
    calibration = next((each.text for each in group.evaluations), "")
    return {"tool": tool, "label": group.label, "values": values, "calibration": calibration}
