"""What people were told, as they read it: their notifications with texts, and whom they may see in them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import dicom_date, person_name
from apps.jobs.models import Job, State
from apps.notifications import wording
from apps.notifications.kinds import Kind
from apps.notifications.models import Notification
from apps.reports.models import CriticalFinding, Report
from apps.saying import Sentence

# Beyond this many nobody needs to know how many there are.
MANY: Final = 100
MOST_MARKED: Final = 500
_PAGES: Final[dict[str, str]] = {
    Kind.NEEDS_REVIEW: "practice_match_changelist",
    Kind.STORAGE: "archive_storage",
    Kind.QUOTA: "archive_storage",
    Kind.WEBHOOK_PAUSED: "webhooks_webhook_changelist",
}
# Of what is told of studies: where all of it is, and where the one thing is.
_OF_STUDIES: Final[dict[str, tuple[str, str]]] = {
    Kind.NEW_STUDY: ("admin:archive_study_changelist", "admin:archive_study_change"),
    Kind.REPORT_SIGNED: ("admin:reports_report_changelist", "report"),
    Kind.CRITICAL: ("admin:reports_criticalfinding_changelist", "admin:reports_criticalfinding_change"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification for its reader. `facts` name the patient; `page` is an address below the site's own."""

    row: Notification
    title: Sentence
    reason: str
    facts: tuple[str, ...]
    page: str


def own(who: Principal) -> QuerySet[Notification]:
    """What `who` was told, the newest first."""
    return Notification.objects.visible_to(who).filter(is_shown=True).select_related("practice")


def unseen(user_id: int) -> int:
    """How many the user has not looked at, up to MANY; one query on an index that holds nothing else."""
    return Notification.objects.filter(user=user_id, seen_at=None, is_shown=True).order_by()[:MANY].count()


def mark_seen(who: Principal, pks: Collection[int] | None = None, until: datetime | None = None) -> int:
    """Have these count as seen, or all that occurred until then; gives how many did not before."""
    rows = Notification.objects.visible_to(who).filter(seen_at=None)
    if pks is not None:
        rows = rows.filter(pk__in=list(pks)[:MOST_MARKED])
    if until is not None:
        rows = rows.filter(occurred_at__lte=until)
    return rows.update(seen_at=timezone.now())


def shown(rows: Iterable[Notification], who: Principal) -> list[Shown]:
    """The notifications with their texts; of studies, reports, findings and jobs, what `who` may see of them. Four
    queries at most."""
    listed = list(rows)
    studies = {
        Kind.NEW_STUDY: _studies(listed, who),
        Kind.REPORT_SIGNED: _reported(listed, who),
        Kind.CRITICAL: _found(listed, who),
    }
    jobs = _jobs(listed, who)
    return [
        _shown(row, studies.get(Kind(row.kind), {}).get(row.subject or 0), jobs.get(row.subject or 0)) for row in listed
    ]


def _studies(rows: list[Notification], who: Principal) -> dict[int, Study]:
    wanted = [row.subject for row in rows if row.kind == Kind.NEW_STUDY and row.subject]
    if not wanted:
        return {}
    return Study.objects.visible_to(who, Permission.VIEW).defer("found", "original_found", "correction").in_bulk(wanted)


def _reported(rows: list[Notification], who: Principal) -> dict[int, Study]:
    """The studies of signed reports, by the reports' keys."""
    wanted = [row.subject for row in rows if row.kind == Kind.REPORT_SIGNED and row.subject]
    if not wanted:
        return {}
    reports = Report.objects.with_study().visible_to(who, Permission.VIEW).in_bulk(wanted)
    return {pk: report.study for pk, report in reports.items()}


def _found(rows: list[Notification], who: Principal) -> dict[int, Study]:
    """The studies of critical findings, by the findings' keys."""
    wanted = [row.subject for row in rows if row.kind == Kind.CRITICAL and row.subject]
    if not wanted:
        return {}
    findings = CriticalFinding.objects.visible_to(who, Permission.VIEW).select_related("study")
    held = findings.defer("study__found", "study__original_found", "study__correction").in_bulk(wanted)
    return {pk: finding.study for pk, finding in held.items()}


def _jobs(rows: list[Notification], who: Principal) -> dict[int, Job]:
    wanted = [row.subject for row in rows if row.kind == Kind.JOB_FAILED and row.subject]
    return Job.objects.visible_to(who).in_bulk(wanted) if wanted else {}


def _shown(row: Notification, study: Study | None, job: Job | None) -> Shown:
    is_of_job = row.kind == Kind.JOB_FAILED
    facts = _facts(study) if study else ()
    reason = job.error if job and is_of_job else wording.reason(row)
    return Shown(row, wording.title(row), reason, facts, _page(row, bool(job if is_of_job else study)))


def _facts(study: Study) -> tuple[str, ...]:
    modalities = " ".join(study.modalities.strip("\\").split("\\"))
    count = study.instance_count
    images = ngettext("%(count)s image", "%(count)s images", count) % {"count": count}
    facts = (person_name(study.patient_name), modalities, dicom_date(study.study_date), images)
    return tuple(fact for fact in facts if fact)


def _page(row: Notification, is_there: bool) -> str:
    """Where there is more to see; `is_there` is whether the subject is."""
    if row.kind in _OF_STUDIES:
        many, one = _OF_STUDIES[row.kind]
        if row.subject is None:
            return reverse(many)
        return reverse(one, args=[row.subject]) if is_there else ""
    if row.kind == Kind.JOB_FAILED:
        if is_there and row.count == 1:
            return reverse("admin:jobs_job_change", args=[row.subject])
        return f"{reverse('admin:jobs_job_changelist')}?state__exact={State.FAILED}"
    if row.kind == Kind.DEVICE_SILENT:
        return reverse("admin:remotes_remote_change", args=[row.subject])
    name = "archive_quarantined_changelist" if row.key == wording.QUARANTINE else _PAGES.get(row.kind, "")
    return reverse(f"admin:{name}") if name else ""
