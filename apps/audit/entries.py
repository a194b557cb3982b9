"""An event as it is before it is written."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db import models

from apps.audit.models import Event


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be written; see `Event` for what its fields mean."""

    action: str
    actor: str
    practice_id: int | None
    source: str
    study_instance_uid: str = ""
    count: int = 1
    detail: str = ""
    request_id: str = ""
    on_behalf_of: str = ""
    address: str = ""
    via: str = ""
    patient: str = ""
    outcome: int = Event.Outcome.SUCCESS
    reason: str = ""
    at: datetime | None = None
    until: datetime | None = None


COLUMNS: Final = tuple(field.name for field in fields(Entry))
LENGTHS: Final = {
    field.name: int(field.max_length or 0)
    for field in Event._meta.get_fields()  # noqa: SLF001 - Django's own way to a model's fields
    if isinstance(field, models.CharField)
}


def fitting(name: str, value: object) -> object:
    """The value as the column takes it on every database: printable, well-formed Unicode, no longer than it is."""
    if not isinstance(value, str):
        return value
    text = value if value.isprintable() else "".join(c if c.isprintable() else " " for c in value)
    return text[: LENGTHS[name]]
