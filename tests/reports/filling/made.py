"""Templates, studies and reports of measurements to fill in with."""

from typing import Any

from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.dicom.sr_tree import NO_CODE, Code
from apps.reports.content.entries import Content
from apps.reports.content.structure import Field, FieldKind, Section, Structure
from apps.reports.filling import filled

MM = Code("millimeter", "mm", "UCUM")
CM = Code("centimeter", "cm", "UCUM")
LENGTH = Code("Length", "410668003", "SCT")


def field(fill: str, kind: FieldKind = FieldKind.LONG_TEXT, key: str = "it", **more: Any) -> Field:
    return Field(key, kind, "It", fill=fill, **more)


def structure(*fields: Field, modalities: tuple[str, ...] = ("CT",), language: str = "en") -> Structure:
    return Structure("test", "Test", language, (Section("all", "All", NO_CODE, fields),), modalities=modalities)


def fill(study: Study, user: User, *fields: Field, **of_structure: Any) -> Content:
    """What the fields are filled in with."""
    return filled(study, structure(*fields, **of_structure), Principal.of(user))


def said(study: Study, user: User, *fills: str, **of_structure: Any) -> list[str]:
    """What texts are filled in with; empty where nothing is."""
    fields = [field(each, key=f"f{number}") for number, each in enumerate(fills)]
    entries = fill(study, user, *fields, **of_structure).entries
    return [str(entries[each.key].value) if each.key in entries else "" for each in fields]
