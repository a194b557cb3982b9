"""The scores as groups of a report of measurements (PS3.16 TID 1500): one for all vessels, and one for each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from apps.analysis.uids import uid
from apps.calcium.scoring.categories import CAC_DRS_SOURCE
from apps.calcium.scoring.vessels import CODES, COLOURS, NUMBERS, Vessel
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from apps.measurements.content.groups import Evaluation, Group, SegmentReference, Value
from apps.segmentation.objects.segments import Algorithm, Segment

# PS3.16 CID 7150, 3802; TID 3905 and its like name the numbers; CID 6140 the method.
ABNORMAL: Final = Code("Morphologically Abnormal Structure", "49755003", "SCT")
CALCIFICATION: Final = Code("Pathologic calcification", "18115005", "SCT")
PROCEDURE: Final = Code("Cardiac CT for calcium scoring", "426005005", "SCT")
CALCIUM_SCORE: Final = Code("Calcium score", "112058", "DCM")
CALCIUM_VOLUME: Final = Code("Calcium Volume", "122660", "DCM")
CALCIUM_MASS: Final = Code("Calcium Mass", "122661", "DCM")
LESIONS: Final = Code("Number of calcifications", "111038", "DCM")
RISK: Final = Code("10 Year CHD Risk", "122230", "DCM")
METHOD: Final = Code("Measurement Method", "370129005", "SCT")
AGATSTON: Final = Code("Agatston scoring method", "112055", "DCM")
THRESHOLD: Final = Code("Agatston Score Threshold", "122657", "DCM")
CALIBRATION: Final = Code("Calcium Scoring Calibration", "122659", "DCM")
# There is no code of the standard's for these.
DENSITY: Final = Code("Calcium density score", "calcium-density", "99FOVEA")
CAC_DRS: Final = Code("CAC-DRS category", "cac-drs", "99FOVEA")
CUBIC_MILLIMETRE: Final = Code("cubic millimeter", "mm3", "UCUM")
MILLIGRAM: Final = Code("milligram", "mg", "UCUM")
PERCENT: Final = Code("Percent", "%", "UCUM")
_VALUES: Final = (
    ("agatston", CALCIUM_SCORE, concepts.NO_UNIT),
    ("volume", CALCIUM_VOLUME, CUBIC_MILLIMETRE),
    ("mass", CALCIUM_MASS, MILLIGRAM),
    ("density", DENSITY, concepts.NO_UNIT),
    ("lesions", LESIONS, concepts.NO_UNIT),
)


def segments(seed: str, version: str) -> list[Segment]:
    """The segments of the lesions that were scored: a person has chosen them, a program has found their borders."""
    return [
        Segment(
            number=NUMBERS[vessel],
            label=label_of(vessel),
            category=ABNORMAL,
            type=CALCIFICATION,
            anatomy=CODES[vessel],
            algorithm=Algorithm("Fovea calcium", version, is_automatic=False),
            colour=COLOURS[vessel],
            tracking_uid=uid(seed, f"calcium {vessel}"),
            tracking_identifier=label_of(vessel),
        )
        for vessel in Vessel
    ]


def label_of(vessel: Vessel) -> str:
    """What a segment and a group of the report are called."""
    return "Coronary calcium" if vessel is Vessel.CORONARY else f"Calcium {vessel}"


def groups(summary: Mapping[str, Any], seed: str, references: Mapping[Vessel, SegmentReference]) -> list[Group]:
    """The groups of a summary (`making`): all vessels together first. `references` are the segments of what counted."""
    whole = Group(
        tracking_uid=uid(seed, "calcium total"),
        tracking_identifier="Coronary calcium, total",
        finding=CALCIFICATION,
        sites=(CODES[Vessel.CORONARY],),
        values=(*_values(summary["total"]), *_risk(summary)),
        evaluations=(*_method(summary), *_meaning(summary)),
    )
    return [whole, *_by_vessel(summary["scores"], seed, references)]


def _by_vessel(
    scores: Sequence[Mapping[str, Any]], seed: str, references: Mapping[Vessel, SegmentReference]
) -> Iterator[Group]:
    for each in scores:
        vessel = Vessel(each["vessel"])
        yield Group(
            tracking_uid=uid(seed, f"calcium {vessel}"),
            tracking_identifier=label_of(vessel),
            finding=CALCIFICATION,
            sites=(CODES[vessel],),
            values=_values(each),
            segment=references.get(vessel),
        )


def _values(score: Mapping[str, Any]) -> tuple[Value, ...]:
    known = ((concept, score[name], unit) for name, concept, unit in _VALUES)
    return tuple(Value(concept, float(value), unit) for concept, value, unit in known if value is not None)


def _risk(summary: Mapping[str, Any]) -> Iterator[Value]:
    if summary["risk"]["percent"] is not None:
        yield Value(RISK, summary["risk"]["percent"], PERCENT)


def _method(summary: Mapping[str, Any]) -> Iterator[Evaluation]:
    thresholds = summary["thresholds"]
    limits = "/".join(f"{limit:g}" for limit in thresholds["limits"])
    yield Evaluation(METHOD, code=AGATSTON)
    yield Evaluation(THRESHOLD, text=f"{limits} HU at {thresholds['kvp']:g} kVp ({thresholds['source']})")
    if summary["calibration"] is not None:
        yield Evaluation(CALIBRATION, text=f"{summary['calibration']:g} mg/mL for each HU")


def _meaning(summary: Mapping[str, Any]) -> Iterator[Evaluation]:
    yield Evaluation(CAC_DRS, text=f"{summary['cacDrs']} ({CAC_DRS_SOURCE})")
    for each in summary["percentiles"]["found"]:
        told = f"At least {each['least']} % and less than {each['below']} % have this score or a lower one"
        yield Evaluation(concepts.COMMENT, text=f"{told} ({each['citation']})")
    if summary["risk"]["percent"] is not None:
        yield Evaluation(concepts.COMMENT, text=f"10-year risk: {summary['risk']['source']}")
