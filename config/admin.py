"""How the admin looks: brand, colours, and what stands in the menu (settings of django-unfold)."""

from typing import Any, Final

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _asset(name: str) -> Any:
    return lambda _: static(f"fovea/{name}")


def _is_images(request: HttpRequest) -> bool:
    levels = ("study", "series", "instance")
    inside = any(request.path.startswith(f"/admin/archive/{level}/") for level in levels)
    return inside and not _is_storage(request)


def _is_storage(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/archive/study/storage/")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def _item(title: str, icon: str, page: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{page}"), **more}


NAVIGATION: Final = [
    {"items": [_item("Dashboard", "space_dashboard", "index")]},
    {
        "title": "Images",
        "items": [
            _item("Studies", "radiology", "archive_study_changelist", active=_is_images),
            _item("Patients", "patient_list", "archive_patient_changelist"),
            _item("Quarantine", "rule", "archive_quarantined_changelist", badge="config.dashboard.quarantine_badge"),
        ],
    },
    {
        "title": "Work",
        "items": [_item("Jobs", "manufacturing", "jobs_job_changelist", badge="config.dashboard.failed_jobs_badge")],
    },
    {
        "title": "People",
        "items": [
            _item("Users", "group", "accounts_user_changelist", permission=_is_superuser),
            _item("Practices", "apartment", "accounts_practice_changelist", permission=_is_superuser),
            _item("Tokens", "key", "accounts_token_changelist"),
        ],
    },
    {"title": "Record", "items": [_item("Audit events", "history", "audit_event_changelist")]},
    {"title": "System", "items": [_item("Storage", "hard_drive", "archive_storage", active=_is_storage)]},
]

UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Fovea",
    "SITE_HEADER": "Fovea",
    "SITE_SUBHEADER": "Imaging archive",
    "SITE_URL": "/viewer/",
    "SITE_ICON": _asset("favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("favicon.svg")}],
    "SITE_DROPDOWN": [{"icon": "visibility", "title": "Open the viewer", "link": "/viewer/"}],
    "STYLES": [_asset("admin.css")],
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
    "COLORS": {
        "base": {
            "50": "oklch(98.4% .004 220)",
            "100": "oklch(96.6% .006 220)",
            "200": "oklch(92.4% .009 225)",
            "300": "oklch(86.6% .013 228)",
            "400": "oklch(70.6% .024 232)",
            "500": "oklch(55.4% .029 235)",
            "600": "oklch(44.8% .031 238)",
            "700": "oklch(36.8% .032 240)",
            "800": "oklch(27% .031 245)",
            "900": "oklch(20.4% .029 248)",
            "950": "oklch(14.2% .024 250)",
        },
        "primary": {
            "50": "oklch(97.6% .016 192)",
            "100": "oklch(94.4% .034 191)",
            "200": "oklch(89.6% .063 189)",
            "300": "oklch(83.6% .094 186)",
            "400": "oklch(79.2% .108 183)",
            "500": "oklch(69.5% .105 189)",
            "600": "oklch(49.3% .082 203)",
            "700": "oklch(43.2% .072 205)",
            "800": "oklch(37.4% .06 207)",
            "900": "oklch(32.2% .05 210)",
            "950": "oklch(24.5% .04 215)",
        },
    },
}
