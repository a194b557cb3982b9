"""What is done with reports, on record (PS3.15 A.5)."""

from apps.accounts.principal import Principal
from apps.audit.record import Action, tell
from apps.reports.models import Report


def told(who: Principal, report: Report, what: str, *, source: str = "") -> None:
    """Put on record what was done with a report: `what` such as "written"; in the transaction that did it, last."""
    tell(
        Action.EDIT,
        principal=who,
        practice_id=report.study.practice_id,
        study_instance_uid=report.study.study_instance_uid,
        detail=f"report {report.pk} {what}",
        source=source,
    )
