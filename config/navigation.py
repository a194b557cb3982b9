"""The admin's menu, with what waits for a person told beside it."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.scoped_admin import principal
from config.dashboard import MANY, job_counts, quarantined

Line = dict[str, Any]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu as the theme wants them, for whoever asks."""
    failed = job_counts(request)["failed"]
    groups = {
        "": [_line(request, "Dashboard", "space_dashboard", "index")],
        "Images": [
            _line(request, "Studies", "radiology", "archive_study_changelist", active=_is_below_studies(request)),
            _line(request, "Patients", "patient_list", "archive_patient_changelist"),
            _line(request, "Quarantine", "rule", "archive_quarantined_changelist", waiting=quarantined(request)),
        ],
        "Work": [_line(request, "Jobs", "manufacturing", "jobs_job_changelist", waiting=failed)],
        "People": [*_people(request), _line(request, "Tokens", "key", "accounts_token_changelist")],
        "Record": [_line(request, "Audit events", "history", "audit_event_changelist")],
        "System": [_line(request, "Storage", "hard_drive", "archive_storage")],
    }
    return [{"title": title, "items": lines} for title, lines in groups.items()]


def _people(request: HttpRequest) -> list[Line]:
    if not principal(request).is_superuser:
        return []
    return [
        _line(request, "Users", "group", "accounts_user_changelist"),
        _line(request, "Practices", "apartment", "accounts_practice_changelist"),
    ]


def _line(
    request: HttpRequest, title: str, icon: str, page: str, *, active: bool | None = None, waiting: int = 0
) -> Line:
    link = reverse(f"admin:{page}")
    if active is None:
        active = request.path == link if page == "index" else request.path.startswith(link)
    badge = {"badge": str(waiting) if waiting < MANY else f"{MANY - 1}+"} if waiting else {}
    return {"title": title, "icon": icon, "link": link, "active": active, **badge}


STUDY_LEVELS: Final = ("/archive/study/", "/archive/series/", "/archive/instance/")


def _is_below_studies(request: HttpRequest) -> bool:
    storage = reverse("admin:archive_storage")
    return any(level in request.path for level in STUDY_LEVELS) and not request.path.startswith(storage)
