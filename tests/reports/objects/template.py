"""Whether a document follows PS3.16 TID 2000 (2026a), with the one container beyond it that Fovea adds.

Row by row: 2001 (observations), 2002 (narrative), 1001 to 1003 (observer), 1204 (language), and 1501 (measurement
groups) with 300 (numbers) below Imaging Measurements.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset

# Of the root's items, in the order of the rows: relationship, value type, concept.
PROCEDURE, LANGUAGE, OBSERVER_TYPE = "121058", "121049", "121005"
PERSON_NAME, ORGANIZATION, IMAGING_MEASUREMENTS, GROUP = "121008", "121009", "126010", "125007"
ROOT = (
    ("HAS CONCEPT MOD", "CODE", PROCEDURE),
    ("HAS CONCEPT MOD", "CODE", LANGUAGE),
    ("HAS OBS CONTEXT", "CODE", OBSERVER_TYPE),
    ("HAS OBS CONTEXT", "PNAME", PERSON_NAME),
    ("HAS OBS CONTEXT", "TEXT", ORGANIZATION),
    ("CONTAINS", "CONTAINER", ""),
)
MANDATORY = (LANGUAGE, OBSERVER_TYPE, PERSON_NAME)
# Of a measurement group (TID 1501), in the order of its rows.
IN_GROUP = (
    ("HAS OBS CONTEXT", "TEXT", "112039"),
    ("HAS OBS CONTEXT", "UIDREF", "112040"),
    ("CONTAINS", "CODE", "121071"),
    ("HAS CONCEPT MOD", "CODE", "363698007"),
    ("CONTAINS", "NUM", ""),
    ("CONTAINS", "TEXT", "121106"),
)


def violations(report: Dataset) -> Iterator[str]:
    """What is wrong, in words; nothing where all is right."""
    template = report.ContentTemplateSequence[0]
    if (template.MappingResource, template.TemplateIdentifier) != ("DCMR", "2000"):
        yield "the root is no TID 2000"
    yield from _ordered(report, ROOT, "root")
    named = [_concept(each) for each in report.ContentSequence]
    yield from (f"{concept} is missing" for concept in MANDATORY if concept not in named)
    for each in report.ContentSequence:
        if each.ValueType == "CONTAINER":
            yield from _measurements(each) if _concept(each) == IMAGING_MEASUREMENTS else _narrative(each)


def _narrative(section: Dataset) -> Iterator[str]:
    """TID 2002: texts and codes, and observations; below these what they are inferred from."""
    for each in section.get("ContentSequence", ()):
        if each.RelationshipType != "CONTAINS" or each.ValueType not in ("TEXT", "CODE", "NUM", "IMAGE"):
            yield f"{each.RelationshipType} {each.ValueType} in a section"
        for inner in each.get("ContentSequence", ()):
            if (inner.RelationshipType, inner.ValueType) not in (("INFERRED FROM", "IMAGE"), ("INFERRED FROM", "NUM")):
                yield f"{inner.RelationshipType} {inner.ValueType} below a {each.ValueType}"


def _measurements(section: Dataset) -> Iterator[str]:
    """TID 1500's container: measurement groups alone."""
    for group in section.ContentSequence:
        if _concept(group) != GROUP or group.ContentTemplateSequence[0].TemplateIdentifier != "1501":
            yield "no measurement group"
        yield from _ordered(group, IN_GROUP, "group")
        for each in group.ContentSequence:
            yield from _number(each) if each.ValueType == "NUM" else ()


def _number(item: Dataset) -> Iterator[str]:
    """TID 300: how it was derived, and what it is inferred from."""
    if "MeasurementUnitsCodeSequence" not in item.MeasuredValueSequence[0]:
        yield "a number without a unit"
    for each in item.get("ContentSequence", ()):
        if (each.RelationshipType, _concept(each)) not in (("HAS CONCEPT MOD", "121401"), ("INFERRED FROM", "121112")):
            yield f"{each.RelationshipType} {each.ValueType} below a number"


def _ordered(item: Dataset, rows: tuple[tuple[str, str, str], ...], name: str) -> Iterator[str]:
    """Each of the items is one of the rows, and not before the one that came last."""
    last = 0
    for each in item.ContentSequence:
        place = next((at for at, row in enumerate(rows) if _is_of(each, row)), None)
        if place is None or place < last:
            yield f"{each.RelationshipType} {each.ValueType} {_concept(each)} in the {name}"
        last = place or last


def _is_of(item: Dataset, row: tuple[str, str, str]) -> bool:
    relationship, value_type, concept = row
    return (item.RelationshipType, item.ValueType) == (relationship, value_type) and concept in ("", _concept(item))


def _concept(item: Dataset) -> str:
    named = item.get("ConceptNameCodeSequence")
    return str(named[0].get("CodeValue") or named[0].get("LongCodeValue")) if named else ""
