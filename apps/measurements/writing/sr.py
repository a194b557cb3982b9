"""Reports of measurements as objects: TID 1500 in a Comprehensive SR, or Comprehensive 3D SR (PS3.3 A.35.3, A.35.13).

Pure, and nothing in it depends on when it is made: the same measurements are the same object again. What was measured
in an image is laid out as viewers of the OHIF family read it: the region inside of the number (TID 300).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from apps.analysis.uids import uid
from apps.dicom.attributes import Attributes, text
from apps.dicom.sr_tree import Code
from apps.dicom.uids import is_valid_uid
from apps.measurements.content import concepts
from apps.measurements.content.groups import Coordinates, Group, Value
from apps.measurements.content.tools import identifier_of, tool_of
from apps.measurements.writing.documents import Evidence, ReportSeries, begun, refer_to, written
from apps.measurements.writing.items import (
    CONTAINS,
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    INFERRED_FROM,
    code_item,
    coded,
    container,
    document_item,
    image_item,
    name_item,
    number_item,
    region_item,
    template_of,
    text_item,
    uid_item,
)

__all__ = ["Evidence", "Observer", "ReportSeries", "group_item", "observer_items", "report_object"]

COMPREHENSIVE: Final = "1.2.840.10008.5.1.4.1.1.88.33"
COMPREHENSIVE_3D: Final = "1.2.840.10008.5.1.4.1.1.88.34"
# A report's groups; a reader of content trees takes 20,000 items in.
MOST_GROUPS: Final = 1000
_CONTRIBUTION: Final = "Measurements. Not a certified medical device."
_DATES: Final = (("00080023", "00080033"), ("00080022", "00080032"), ("00080021", "00080031"), ("00080020", "00080030"))
_NO_DATE, _NO_TIME = "19000101", "000000"


@dataclass(frozen=True, slots=True)
class Observer:
    """A person (`name` as DICOM writes names: Doe^Jane), or a device: a program, by its name and version."""

    name: str
    is_device: bool = False
    version: str = ""


def report_object(  # noqa: PLR0913 - a report has that many facts, each of them named
    header: Attributes,
    groups: Sequence[Group],
    *,
    series: ReportSeries,
    evidence: Iterable[Evidence],
    observer: Observer,
    title: Code = concepts.MEASUREMENT_REPORT,
    procedure: Code = concepts.IMAGING_PROCEDURE,
    language: Code = concepts.ENGLISH,
) -> bytes:
    """The file (PS3.10) of a report, unverified; of a device it is preliminary too (C.17.2).

    `header` is that of an object of the study as it leaves the archive (DICOM JSON): patient and study are taken of it,
    and the date of the content. `title` is of CID 7021, `procedure` of CID 100, `language` of CID 5000. A group that a
    viewer is to take for its own has a `tool`; regions stand in its values then, for each tool as `content.tools` and
    docs/measurements.md say. Groups of a segment (TID 1411) name the segment's source series.

    Raises ValueError for no groups or more than 1,000 of them, for a group without a valid Tracking UID, for numbers
    that are not finite, regions that their type doesn't allow, and what is measured in but not among the evidence.
    """
    if not 1 <= len(groups) <= MOST_GROUPS:
        raise ValueError(f"A report has 1 to {MOST_GROUPS} groups.")
    named = tuple(dict.fromkeys(evidence))
    _check_evidence(groups, {each.sop_instance_uid for each in named})
    made = begun(header, series, "SR", _CONTRIBUTION)
    is_3d = any(place.is_in_patient for group in groups for place in _places(group))
    made.SOPClassUID = COMPREHENSIVE_3D if is_3d else COMPREHENSIVE
    _document(made, header, named, observer)
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence, made.ContentTemplateSequence = coded(title), template_of("1500")
    measurements = container(concepts.IMAGING_MEASUREMENTS, [group_item(each) for each in groups])
    context = [code_item(HAS_CONCEPT_MOD, concepts.LANGUAGE, language), *observer_items(observer)]
    procedures = code_item(HAS_CONCEPT_MOD, concepts.PROCEDURE_REPORTED, procedure)
    made.ContentSequence = Items([*context, procedures, measurements])
    return written(made)


def _places(group: Group) -> Iterator[Coordinates]:
    yield from group.coordinates
    for value in group.values:
        yield from value.coordinates


def _check_evidence(groups: Iterable[Group], known: set[str]) -> None:
    for group in groups:
        used = {place.sop_instance_uid for place in _places(group) if not place.is_in_patient}
        used |= {value.quoted_from.sop_instance_uid for value in group.values if value.quoted_from}
        if group.segment is not None:
            used.add(group.segment.sop_instance_uid)
        if not used <= known:
            raise ValueError("What was measured in is evidence of the report.")


def _document(made: Dataset, header: Attributes, evidence: Sequence[Evidence], observer: Observer) -> None:
    """SR Document General (C.17.2). The content's date is that of the images, since a rerun is to give the same."""
    date, time = next(((text(header, a), text(header, b)) for a, b in _DATES if text(header, a)), (_NO_DATE, ""))
    made.ContentDate, made.ContentTime = date, time or _NO_TIME
    made.CompletionFlag, made.VerificationFlag = "COMPLETE", "UNVERIFIED"
    if observer.is_device:
        made.PreliminaryFlag = "PRELIMINARY"
    made.PerformedProcedureCodeSequence = Items()
    refer_to(made, evidence)


def observer_items(observer: Observer) -> list[Dataset]:
    """Observation context (TID 1002 to 1004)."""
    kind = concepts.DEVICE if observer.is_device else concepts.PERSON
    typed = code_item(HAS_OBS_CONTEXT, concepts.OBSERVER_TYPE, kind)
    if not observer.is_device:
        return [typed, name_item(HAS_OBS_CONTEXT, concepts.PERSON_NAME, observer.name)]
    model = f"{observer.name} {observer.version}".strip()
    return [
        typed,
        uid_item(HAS_OBS_CONTEXT, concepts.DEVICE_UID, uid(model, "device")),
        text_item(HAS_OBS_CONTEXT, concepts.DEVICE_NAME, observer.name),
        text_item(HAS_OBS_CONTEXT, concepts.DEVICE_MANUFACTURER, "Fovea"),
        text_item(HAS_OBS_CONTEXT, concepts.DEVICE_MODEL, model),
    ]


def group_item(group: Group) -> Dataset:
    """A measurement group: TID 1411 of a segment, 1410 of a region beside the numbers, else 1501."""
    template = "1411" if group.segment else "1410" if group.coordinates else "1501"
    return container(concepts.MEASUREMENT_GROUP, _below(group), template)


def _below(group: Group) -> Iterator[Dataset]:
    """The items of a group, in the order of the templates' rows."""
    yield text_item(HAS_OBS_CONTEXT, concepts.TRACKING_IDENTIFIER, _identifier(group))
    yield uid_item(HAS_OBS_CONTEXT, concepts.TRACKING_UID, _tracking_uid(group))
    if group.finding:
        yield code_item(CONTAINS, concepts.FINDING, group.finding)
    yield from _segment(group)
    for place in group.coordinates:
        name = concepts.VOLUME_SURFACE if place.is_in_patient else concepts.IMAGE_REGION
        yield region_item(CONTAINS, name, place)
    for site in group.sites:
        yield code_item(HAS_CONCEPT_MOD, concepts.FINDING_SITE, site)
    for value in group.values:
        yield _number(value)
    for each in group.evaluations:
        if each.code:
            yield code_item(CONTAINS, each.concept, each.code)
        else:
            yield text_item(CONTAINS, each.concept, each.text)
    if group.label:
        yield text_item(CONTAINS, concepts.COMMENT, group.label)


def _identifier(group: Group) -> str:
    """What a viewer knows its tool by, else what a person would call it: it must not be empty."""
    if not group.tool:
        return group.tracking_identifier or group.label or group.tracking_uid
    if tool_of(group.tracking_identifier) == group.tool:
        return group.tracking_identifier
    # Viewers look only at how it begins.
    return ":".join(filter(None, (identifier_of(group.tool), group.tracking_identifier)))


def _tracking_uid(group: Group) -> str:
    if not is_valid_uid(group.tracking_uid):
        raise ValueError("A group has a Tracking UID.")
    return group.tracking_uid


def _segment(group: Group) -> Iterator[Dataset]:
    if group.segment is None:
        return
    if not group.segment.source_series_uid:
        raise ValueError("A segment's group names the series it lies over.")
    found = group.segment
    yield image_item(
        CONTAINS, concepts.REFERENCED_SEGMENT, found.sop_class_uid, found.sop_instance_uid, segment=found.segment_number
    )
    yield uid_item(CONTAINS, concepts.SOURCE_SERIES, found.source_series_uid)


def _number(value: Value) -> Dataset:
    """TID 300, 1419: how it was derived, and the region it was inferred from."""
    below = [region_item(INFERRED_FROM, None, place) for place in value.coordinates]
    if value.derivation:
        below.append(code_item(HAS_CONCEPT_MOD, concepts.DERIVATION, value.derivation))
    if value.quoted_from:
        below.append(document_item(INFERRED_FROM, concepts.SOURCE_OF_MEASUREMENT, value.quoted_from))
    return number_item(value.concept, value.value, value.unit, below)
