"""The admin's menu, with what waits for a person told beside it."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.access import waiting
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import is_everywhere, principal
from config.dashboard import MANY, job_counts, quarantined, unknown_callers

Line = dict[str, Any]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the menu as the theme wants them: the pages that whoever asks may open."""
    groups: list[tuple[str, list[Line]]] = [
        ("", [_line(request, _("Dashboard"), "space_dashboard", "index")]),
        (_("Images"), _images(request)),
        (_("Reports"), _reports(request)),
        (_("Practice"), _practice(request)),
        (_("Worklist"), _worklist(request)),
        (_("Patient access"), _access(request)),
        (_("Devices"), _devices(request)),
        ("HL7", _hl7(request)),
        (_("Routing"), _routing(request)),
        (pgettext("menu", "Work"), _work(request)),
        (_("People"), [*_people(request), _line(request, _("Tokens"), "key", "accounts_token_changelist")]),
        (pgettext("menu", "Record"), _record(request)),
        (_("System"), _system(request)),
    ]
    return [{"title": title, "items": lines} for title, lines in groups if lines]


def _images(request: HttpRequest) -> list[Line]:
    who, lines = principal(request), []
    if who.may(Permission.VIEW):
        below = _is_below_studies(request)
        lines.append(_line(request, _("Studies"), "radiology", "archive_study_changelist", active=below))
        lines.append(_line(request, _("Patients"), "patient_list", "archive_patient_changelist"))
        lines.append(_line(request, _("Analyses"), "analytics", "analysis_analysis_changelist"))
        lines.append(_line(request, _("Measurements"), "straighten", "measurements_measurement_changelist"))
        lines.append(_line(request, _("Lesions"), "track_changes", "lesions_lesion_changelist"))
    if who.may(Permission.UPLOAD):
        lines.append(_line(request, _("Videos"), "movie", "video_video_changelist"))
        lines.append(_line(request, _("Several cameras"), "switch_video", "video_procedure_changelist"))
        if settings.RECORDING_NETWORKS:
            lines.append(_line(request, _("Recordings"), "videocam", "video_recording_changelist"))
    if who.may(Permission.FETCH):
        lines.append(_line(request, _("Other archives"), "travel_explore", "remotes_remote_search"))
        lines.append(_line(request, _("Priors"), "history", "routing_prefetch_changelist"))
    if who.may(Permission.EDIT):
        held = quarantined(request)
        lines.append(_line(request, _("Quarantine"), "rule", "archive_quarantined_changelist", waiting=held))
    return lines


def _reports(request: HttpRequest) -> list[Line]:
    waiting_for = (_("Reports to write"), "edit_note", "reports_studytoreport_changelist")
    written = (_("Reports"), "description", "reports_report_changelist")
    templates = (_("Report templates"), "assignment", "reports_reporttemplate_changelist")
    critical = (_("Critical findings"), "notification_important", "reports_criticalfinding_changelist")
    own = (
        (_("Phrases"), "short_text", "reports_phrase_changelist"),
        (_("Corrections of dictations"), "mic", "dictation_correction_changelist"),
    )
    return [
        *_of(request, Permission.REPORT, waiting_for),
        *_of(request, Permission.VIEW, written, critical),
        *_of(request, Permission.REPORT, *own),
        *_of(request, Permission.ADMINISTER, templates, *_signing()),
    ]


def _signing() -> tuple[tuple[str, str, str], ...]:
    """How reports look, who signs them as what, and where they go."""
    return (
        (_("Letterheads"), "contract", "reports_letterhead_changelist"),
        (_("Who signs as what"), "signature", "reports_signatory_changelist"),
        (_("Signing certificates"), "workspace_premium", "reports_signingcertificate_changelist"),
        (_("Where reports are sent"), "forward_to_inbox", "reports_distribution_changelist"),
    )


def _practice(request: HttpRequest) -> list[Line]:
    reads = (
        (_("Leads"), "contacts", "practice_lead_changelist"),
        (_("Appointments"), "event", "practice_appointment_changelist"),
        (_("Matches to review"), "person_search", "practice_match_changelist"),
        (_("X-rays"), "dentistry", "practice_xray_changelist"),
    )
    # The page of the figures lies below it.
    is_batch = request.path.startswith(reverse("admin:practice_batch_changelist")) and request.path != reverse(
        "admin:practice_performance"
    )
    batches = _line(request, _("Batches"), "stacks", "practice_batch_changelist", active=is_batch)
    runs = (
        (_("Performance"), "monitoring", "practice_performance"),
        (_("Orthancs"), "hub", "practice_orthanc_changelist"),
        (_("Matching weights"), "balance", "practice_matchingweights_changelist"),
    )
    return [
        *_of(request, Permission.VIEW, *reads),
        *([batches] if principal(request).may(Permission.UPLOAD) else []),
        *_of(request, Permission.ADMINISTER, *runs),
    ]


def _worklist(request: HttpRequest) -> list[Line]:
    if not principal(request).may(Permission.VIEW):
        return []
    day, steps = reverse("admin:worklist_scheduledstep_day"), reverse("admin:worklist_scheduledstep_changelist")
    is_list = request.path.startswith(steps) and request.path != day
    return [
        _line(request, pgettext("menu", "Day"), "calendar_view_day", "worklist_scheduledstep_day"),
        _line(request, _("Steps"), "event_list", "worklist_scheduledstep_changelist", active=is_list),
        _line(request, _("Arrived without a step"), "event_busy", "worklist_unplannedstudy_changelist"),
        _line(request, _("Reported by devices"), "task_alt", "worklist_performedstep_changelist"),
        _line(request, _("Workitems"), "checklist", "worklist_workitem_changelist"),
    ]


def _access(request: HttpRequest) -> list[Line]:
    who, counts, lines = principal(request), waiting.counts(request), []
    if who.may(Permission.ADMINISTER):
        emergencies, asked = counts[waiting.EMERGENCIES], counts[waiting.REQUESTS]
        lines.append(_line(request, _("Emergencies"), "emergency", "access_emergency_changelist", waiting=emergencies))
        lines.append(
            _line(request, _("Access requests"), "lock_open", "access_accessrequest_changelist", waiting=asked)
        )
    if who.may(Permission.SHARE):
        lines.append(_line(request, _("Share links"), "share", "sharing_share_changelist"))
        family = counts[waiting.FAMILY]
        lines.append(
            _line(request, _("Family access"), "family_restroom", "access_invitation_changelist", waiting=family)
        )
    assigned = (_("Assignments"), "stethoscope", "archive_assignment_changelist")
    names = (_("Physicians' names"), "badge", "access_physicianname_changelist")
    return [*lines, *_of(request, Permission.ADMINISTER, assigned, names)]


def _devices(request: HttpRequest) -> list[Line]:
    if not principal(request).may(Permission.ADMINISTER):
        return []
    unknown = unknown_callers(request)
    return [
        _line(request, _("Remotes"), "lan", "remotes_remote_changelist", active=_is_below_remotes(request)),
        _line(request, _("Unknown callers"), "contact_support", "remotes_unknowncaller_changelist", waiting=unknown),
        _line(request, _("Expected devices"), "sensors", "notifications_watch_changelist"),
        _line(request, _("AE titles"), "sell", "remotes_applicationentity_changelist"),
        _line(request, _("Storage commitments"), "verified", "dimse_commitment_changelist"),
    ]


def _hl7(request: HttpRequest) -> list[Line]:
    senders = (_("Senders"), "outgoing_mail", "hl7_sender_changelist")
    taken = (_("Messages"), "mark_email_read", "hl7_message_changelist")
    unknown = (_("Unknown senders"), "contact_mail", "hl7_stranger_changelist")
    return _of(request, Permission.ADMINISTER, senders, taken, unknown)


def _system(request: HttpRequest) -> list[Line]:
    storage = (_("Storage"), "hard_drive", "archive_storage")
    messages = (_("Patient data in messages"), "forward_to_inbox", "notifications_policy_changelist")
    webhooks = (_("Webhooks"), "webhook", "webhooks_webhook_changelist")
    deliveries = (_("Webhook deliveries"), "send", "webhooks_delivery_changelist")
    videos = (_("How videos are converted"), "movie_edit", "video_practicepolicy_changelist")
    masks = (_("Masks over videos"), "ink_eraser", "video_masktemplate_changelist")
    lines = _of(request, Permission.ADMINISTER, storage, messages, webhooks, deliveries, videos, masks)
    if is_everywhere(request, Permission.ADMINISTER):
        lines.append(_line(request, _("Reference tables"), "table_chart", "calcium_referencetable_changelist"))
    return lines


def _routing(request: HttpRequest) -> list[Line]:
    return _of(
        request,
        Permission.ADMINISTER,
        (_("Rules"), "alt_route", "routing_rule_changelist"),
        (_("Outbox"), "outbox", "routing_outgoing_changelist"),
        (_("Destinations"), "cell_tower", "routing_destination_changelist"),
        (_("Promises to keep"), "handshake", "routing_commitmentrequest_changelist"),
        (_("Sources of priors"), "history_edu", "routing_prefetchsource_changelist"),
    )


def _work(request: HttpRequest) -> list[Line]:
    if not principal(request).may(Permission.VIEW):
        return []
    return [_line(request, _("Jobs"), "manufacturing", "jobs_job_changelist", waiting=job_counts(request)["failed"])]


def _people(request: HttpRequest) -> list[Line]:
    lines = _of(
        request,
        Permission.ADMINISTER,
        (_("Users"), "group", "accounts_user_changelist"),
        (_("Roles"), "badge", "accounts_role_changelist"),
        (_("Grants"), "verified_user", "accounts_grant_changelist"),
    )
    if is_everywhere(request, Permission.ADMINISTER):
        lines.append(_line(request, _("Practices"), "apartment", "accounts_practice_changelist"))
        lines.append(_line(request, _("Locked out"), "lock_clock", "axes_accessattempt_changelist"))
    return lines


def _record(request: HttpRequest) -> list[Line]:
    return _of(request, Permission.AUDIT, (_("Audit events"), "history", "audit_event_changelist"))


def _of(request: HttpRequest, permission: Permission, *pages: tuple[str, str, str]) -> list[Line]:
    """Lines for those who have the permission."""
    return [_line(request, *page) for page in pages] if principal(request).may(permission) else []


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


def _is_below_remotes(request: HttpRequest) -> bool:
    """Other archives are searched, and sent to, on pages of their own."""
    pages = (reverse("admin:remotes_remote_search"), reverse("admin:remotes_remote_send"))
    return request.path.startswith(reverse("admin:remotes_remote_changelist")) and request.path not in pages
