"""Measurements as their callers reach them: of the reports as they are now, and like absent where they may not look."""

from collections.abc import Mapping
from typing import Any, Final

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Patient, Series, Study
from apps.core.errors import NotFound
from apps.measurements.models import Measurement, MeasurementQuerySet
from apps.measurements.reports import read_all, unread
from apps.saying import say

# Series that one request reads anew; jobs read the others.
MOST_READ: Final = 100
# Of those that came last, so many are read where none is asked about by name.
RECENT: Final = 100
# Of the filters, those that say which series may have what is asked for.
_OF_SERIES: Final = ("study__study_instance_uid", "study__patient")


def rows(who: Principal) -> MeasurementQuerySet:
    """The measurements that count, of what the caller sees, newest first."""
    return Measurement.objects.visible_to(who).current().with_report().order_by("-measured_at", "-pk")


def found(who: Principal, wanted: Mapping[str, Any]) -> MeasurementQuerySet:
    """Those of them that meet the filters, once reports that have come are read."""
    read_now(who, {name: wanted[name] for name in _OF_SERIES if name in wanted})
    return rows(who).filter(**{name: value for name, value in wanted.items() if value is not None})


def read_now(who: Principal, wanted: Mapping[str, Any]) -> None:
    """Read the reports of the series of these studies that the caller reaches; without any, of those that came last."""
    reached = Series.objects.visible_to(who, Permission.VIEW)
    if wanted:
        reached = reached.filter(**wanted)
    else:
        newest = list(reached.order_by("-pk").values_list("pk", flat=True)[:RECENT])
        reached = Series.objects.filter(pk__in=newest)
    read_all(unread(reached).defer("found").order_by("pk")[:MOST_READ])


def patient_of(who: Principal, pk: int) -> Patient:
    """Who it is. Raises NotFound where the caller sees no study of theirs."""
    patient = Patient.objects.filter(pk=pk, studies__in=Study.objects.visible_to(who)).first()
    if patient is None:
        raise NotFound(say("There is no such patient."))
    return patient
