"""The one door to the archive's rows: what a principal reaches of patients, studies and what is below them."""

from typing import TYPE_CHECKING, Self

from django.db.models.expressions import RawSQL

from apps.accounts.permissions import Permission
from apps.accounts.principal import Caller, principal_of
from apps.accounts.scoping import Row, ScopedQuerySet
from apps.archive import rights

if TYPE_CHECKING:
    from apps.archive.models import Instance, Patient, Quarantined, Series, Study, Usage  # noqa: F401 - in quotes below


class StudyScoped(ScopedQuerySet[Row]):
    """Rows that are reached by way of their study. `study_path` leads there, `series_path` to their series."""

    column = "t.id"
    study_path = ""
    series_path = ""

    def visible_to(self, who: Caller, permission: Permission | None = None) -> Self:
        """The rows of the studies that `who` reaches with the permission; none for nobody."""
        principal = principal_of(who)
        needed = permission or self.permission
        if principal is None or not (principal.shared or principal.narrow(needed)):
            return super().visible_to(principal, needed)
        sql, params = rights.study_sql(principal, needed, of_one=False)
        studies = RawSQL(f"SELECT {self.column} FROM archive_study t WHERE {sql}", params)  # noqa: S608, S611
        reached = self.filter(**{f"{self.study_path}in": studies})
        if self.series_path and principal.shared and principal.shared.series_instance_uid:
            return reached.filter(**{self.series_path: principal.shared.series_instance_uid})
        return reached


class PatientQuerySet(StudyScoped["Patient"]):
    study_path = "pk__"
    column = "t.patient_id"


class StudyQuerySet(StudyScoped["Study"]):
    study_path = "pk__"


class SeriesQuerySet(StudyScoped["Series"]):
    practice_path = "study__practice"
    study_path = "study__"
    series_path = "series_instance_uid"


class InstanceQuerySet(StudyScoped["Instance"]):
    practice_path = "series__study__practice"
    study_path = "series__study__"
    series_path = "series__series_instance_uid"


class QuarantineQuerySet(ScopedQuerySet["Quarantined"]):
    practice_path = "practice"
    permission = Permission.EDIT


class UsageQuerySet(ScopedQuerySet["Usage"]):
    permission = Permission.ADMINISTER
