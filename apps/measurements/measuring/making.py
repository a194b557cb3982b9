"""The run that measures figures and writes their report; a person drew them, so the person is its observer."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final

from apps.analysis.kinds import Inputs, Result, Run, Table
from apps.analysis.uids import uid
from apps.archive.models import Instance, Study
from apps.core.errors import Invalid
from apps.dicom.sr_tree import NO_CODE, Code
from apps.measurements.content.figures import Figure, check_points, group_of
from apps.measurements.content.groups import Group
from apps.measurements.measuring.images import Picture, instances_of, picture_of, size_of
from apps.measurements.writing.sr import Evidence, Observer, ReportSeries, report_object
from apps.saying import say
from apps.volumes.derived.reaching import refused_in_words

NO_SUCH: Final = say("The study has no such image.")
MEASURING: Final = say("Measuring")
_SERIES_NUMBER: Final = 9000


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
    pictures: dict[int, Group] = {}
    header = None
    for done, ((instance, frame), numbers) in enumerate(_by_image(asked).items()):
        run.tell(done, len(asked), MEASURING)
        picture = picture_of(found[instance], frame)
        header = header or picture.header
        pictures |= {number: _measured(run, number, asked[number], picture) for number in numbers}
    groups = [pictures[number] for number in range(len(asked))]
    observer = Observer(run.asked_by or run.study.practice.name)
    # Another person's report of the same figures is another object.
    seed = f"{run.seed}/{observer.name}"
    series = ReportSeries(
        uid(seed, "report series"), uid(seed, "report"), run.parameters["description"], _SERIES_NUMBER
    )
    file = report_object(header or {}, groups, series=series, evidence=_evidence(run.study, found), observer=observer)
    path = run.folder / "report.dcm"
    path.write_bytes(file)
    return Result((path,), {"measurements": [_told(*each) for each in zip(asked, groups, strict=True)]})


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
    finding = _code(asked["finding"]) if asked.get("finding") else NO_CODE
    return Figure(asked["tool"], points, asked["label"], finding, tuple(_code(each) for each in asked["sites"]))


def _code(asked: dict[str, str]) -> Code:
    return Code(asked["meaning"], asked["value"], asked["scheme"])


def _by_image(asked: Sequence[dict[str, Any]]) -> dict[tuple[str, int], list[int]]:
    """The figures' numbers by instance and frame, so that each image is decoded once."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, each in enumerate(asked):
        found[each["instance"], each["frame"]].append(number)
    return found


def _measured(run: Run, number: int, asked: dict[str, Any], picture: Picture) -> Group:
    figure = _figure(asked)
    with refused_in_words(f"measurements.{number}.points"):
        return group_of(figure, picture.image_of(figure), uid(run.seed, f"tracking {number}"))


def _evidence(study: Study, found: dict[str, Instance]) -> Iterator[Evidence]:
    for row in found.values():
        series = row.series.series_instance_uid
        yield Evidence(study.study_instance_uid, series, row.sop_class_uid, row.sop_instance_uid)


def _told(asked: dict[str, Any], group: Group) -> dict[str, Any]:
    values = [{"concept": each.concept.meaning, "value": each.value, "unit": each.unit.value} for each in group.values]
    calibration = next((each.text for each in group.evaluations), "")
    return {"tool": asked["tool"], "label": asked["label"], "values": values, "calibration": calibration}
