"""The table of measurements as measurement groups (PS3.16 TID 1501), each value quoted from the report it is from."""

from collections.abc import Iterable

from apps.analysis.uids import uid
from apps.dicom.uids import is_valid_uid
from apps.measurements.content.concepts import NO_UNIT
from apps.measurements.content.groups import DocumentReference, Group, Value
from apps.measurements.content.tools import tool_of
from apps.reports.content.document import Measured
from apps.reports.objects.naming import worded

_Key = tuple[str, int, str]


def groups_of(measurements: Iterable[Measured], seed: str) -> list[Group]:
    """A group for each thing that was measured, in the order of the table. `seed` names what has no Tracking UID."""
    found: dict[_Key, list[Measured]] = {}
    for number, each in enumerate(measurements):
        found.setdefault(_key(each, number), []).append(each)
    return [_group(rows, f"{seed}/{number}") for number, rows in enumerate(found.values(), start=1)]


def _key(row: Measured, number: int) -> _Key:
    """The group in its report; else the same tracking UID is the same thing, and what has none is by itself."""
    if row.report_uid:
        return row.report_uid, row.group, ""
    return "", 0 if row.tracking_uid else number, row.tracking_uid


def _group(rows: list[Measured], seed: str) -> Group:
    first = rows[0]
    identifier = "" if tool_of(first.tracking_identifier) else first.tracking_identifier
    return Group(
        tracking_uid=first.tracking_uid if is_valid_uid(first.tracking_uid) else uid(seed, "tracking"),
        tracking_identifier=identifier or first.label or first.concept.said,
        label=first.label,
        finding=first.finding,
        sites=(first.site,) if first.site else (),
        values=tuple(map(_value, rows)),
    )


def _value(row: Measured) -> Value:
    source = DocumentReference(row.report_class_uid, row.report_uid) if row.report_uid else None
    unit = worded(row.unit, row.unit.said) if row.unit else NO_UNIT
    return Value(worded(row.concept, row.concept.said), row.value, unit, row.derivation, quoted_from=source)
