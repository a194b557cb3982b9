"""Observations as they are shown, many at once."""

from collections.abc import Sequence

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.fhir.datatypes import Json
from apps.fhir.observations.mapping import of_measurement
from apps.fhir.patients.showing import lead_keys
from apps.fhir.studies.showing import subject_of
from apps.measurements.models import Measurement, MeasurementQuerySet


def rows(who: Principal, permission: Permission) -> MeasurementQuerySet:
    """The measurements in sight that count."""
    return Measurement.objects.visible_to(who, permission).current().with_report()


def show(who: Principal, measurements: Sequence[Measurement]) -> list[Json]:
    """Their resources, in one more query for all of them."""
    leads = lead_keys(who, {row.study_id for row in measurements})
    return [of_measurement(row, subject_of(row.study, leads.get(row.study_id))) for row in measurements]
