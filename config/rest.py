"""Settings of the REST API: Django REST framework, and the schema that is made from the code."""

from typing import Any, Final

from config.areas import TAGS

FRAMEWORK: Final[dict[str, Any]] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.rest.PrincipalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.accounts.rest.Guarded"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.bodies.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["apps.core.ordering.Ordering"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.paging.BoundedPaging",
    "DEFAULT_METADATA_CLASS": "apps.core.rest.Methods",
    "DEFAULT_SCHEMA_CLASS": "config.schema.Schema",
    "EXCEPTION_HANDLER": "apps.core.rest.answer",
}

SCHEMA: Final[dict[str, Any]] = {
    "TITLE": "Fovea",
    "DESCRIPTION": (
        "The REST API of the imaging archive: sign in with a bearer token, HTTP Basic or the browser's session. Fields"
        " are camelCase, a trailing slash is optional, times are ISO 8601, errors are problem documents (RFC 9457)"
        " whose `code` is for programs. GET gives an `ETag`, for `If-None-Match` and `If-Match`."
    ),
    "VERSION": "1",
    "TAGS": TAGS,
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_INCLUDE_SCHEMA": False,
    # It describes the program and holds nothing of the site, so that it can be read before one has a sign-in.
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["apps.accounts.rest.Guarded"],
    # Several things have a `state`, each with values of its own.
    "ENUM_NAME_OVERRIDES": {
        "JobState": "apps.jobs.models.State",
        "ShareState": "apps.sharing.api.STATES",
        "InvitationState": "apps.access.models.State",
        "AccessRequestState": "apps.access.requests.State",
        "StepState": "apps.worklist.models.scheduled.StepState",
        "StepPriority": "apps.worklist.models.scheduled.Priority",
        "PerformedState": "apps.worklist.models.performed.PerformedState",
        "WebhookDeliveryState": "apps.webhooks.models.State",
        "OutgoingState": "apps.routing.models.outgoing.OutgoingState",
        "RoutePriority": ["high", "normal", "low"],
        "RuleWhen": "apps.routing.models.rules.When",
        "PrefetchWhen": "apps.routing.prefetch.models.When",
        "Sex": "apps.worklist.models.scheduled.Sex",
        "AppointmentState": "apps.practice.models.appointments.AppointmentState",
        "MatchWord": ["pending", "linked", "needsReview", "noLead"],
        "LeadStatus": "apps.practice.models.leads.LeadStatus",
        "XrayStatus": "apps.practice.models.xrays.XrayStatus",
        "MessageState": "apps.hl7.models.MessageState",
        "KnownBy": "apps.access.models.Kind",
        "RecordingState": "apps.video.live.models.RecordingState",
        "AnalysisVerdict": "apps.analysis.models.Verdict",
        "LesionState": "apps.lesions.models.FoundAs",
        "ReportStatus": "apps.reports.models.reports.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.core.schema.add_problems",
        "apps.core.schema.drop_formats",
    ],
}
