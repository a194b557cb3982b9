"""The page on which a report is written, signed and amended: its scripts ask the REST API for all that is on it."""

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from apps.accounts.guards import Guards
from apps.accounts.models import User
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.archive.models import TEXT_LENGTH
from apps.archive.viewing import viewer_url
from apps.core.errors import NotFound
from apps.reports.models import Report
from apps.reports.models.critical import Urgency
from apps.reports.page.keeping import key_of
from apps.reports.page.policy import allow
from apps.reports.page.words import words
from apps.reports.reaching import READS, WRITES, may, report_of


class ReportView(LoginRequiredMixin, View):
    """For who may read the report; for others it is not there."""

    guards: Guards = {"GET": READS}
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            report = report_of(principal(request), pk)
        except NotFound as error:
            raise Http404 from error
        shown = _shown(principal(request), cast(User, request.user), report)
        return allow(render(request, "reports/write.html", shown))


def _shown(who: Principal, user: User, report: Report) -> dict[str, Any]:
    study = report.study
    study_url = reverse("admin:archive_study_change", args=[study.pk]) if user.is_staff else ""
    handed = {
        **_handed(user, report),
        "mayReport": may(who, study, WRITES),
        "addresses": _addresses(report, elsewhere=study_url or reverse("account")),
    }
    return {
        "report": report,
        "study": study,
        "study_url": study_url,
        "viewer_url": viewer_url(study.study_instance_uid),
        "has_password": user.has_usable_password(),
        "reason_length": TEXT_LENGTH,
        "urgencies": Urgency.choices,
        "page": handed,
        "words": words(),
    }


def _handed(user: User, report: Report) -> dict[str, Any]:
    """What the scripts know of the report before they ask for it."""
    return {
        "id": report.pk,
        "study": report.study.study_instance_uid,
        "language": report.version.template.language,
        "key": key_of(user, report),
    }


def _addresses(report: Report, *, elsewhere: str) -> dict[str, str]:
    """What the scripts ask, and where they go when there is no report any more."""
    return {
        "report": f"/api/reports/{report.pk}",
        "phrases": "/api/phrases",
        "critical": "/api/critical-findings",
        "dictations": "/api/dictations",
        "viewer": viewer_url(report.study.study_instance_uid),
        "elsewhere": elsewhere,
    }
