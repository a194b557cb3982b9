"""The REST API under /api/."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from apps.access.api.urls import urlpatterns as access
from apps.accounts.api import MeView, RotateTokenView, TokensView, TokenView
from apps.accounts.door import behind_the_door
from apps.accounts.people_api import (
    EndGrantView,
    GrantsView,
    GrantView,
    RolesView,
    RoleView,
    UsersView,
    UserView,
)
from apps.analysis.urls import urlpatterns as analyses
from apps.archive.api import LabelsView, StudiesView, StudyLabelView, StudyView
from apps.archive.corrections.api import (
    MergeView,
    MoveView,
    PatientCorrectionsView,
    PatientsView,
    PatientView,
    StudyCorrectionsView,
    UndoView,
    UnmergeView,
)
from apps.archive.series_urls import urlpatterns as series
from apps.audit.api import EventsView
from apps.core.errors import NotFound
from apps.core.routes import route
from apps.core.schema import docs
from apps.dictation.urls import urlpatterns as dictation
from apps.fhir.urls import urlpatterns as fhir
from apps.hl7.urls import urlpatterns as hl7
from apps.jobs.api import CancelView, JobsView, JobView, RetryView
from apps.lesions.urls import urlpatterns as lesions
from apps.measurements.urls import urlpatterns as measurements
from apps.notifications.api_urls import urlpatterns as notifications
from apps.practice.appointments.urls import urlpatterns as appointments
from apps.practice.batches.urls import urlpatterns as batches
from apps.practice.devices.urls import urlpatterns as devices
from apps.practice.leads.urls import urlpatterns as leads
from apps.practice.linking.urls import urlpatterns as matches
from apps.practice.orthancs.urls import urlpatterns as orthancs
from apps.practice.performance.urls import urlpatterns as performance
from apps.practice.xrays.urls import urlpatterns as xrays
from apps.remotes.api import (
    AllowCallerView,
    ApplicationEntitiesView,
    ApplicationEntityView,
    DismissCallerView,
    EchoView,
    RemotesView,
    RemoteView,
    UnknownCallersView,
)
from apps.remotes.querying_api import RemoteImportView, RemoteSendView, RemoteSeriesView, RemoteStudiesView
from apps.reports.urls import urlpatterns as reports
from apps.routing.api_urls import urlpatterns as routing
from apps.saying import say
from apps.segmentation.urls import urlpatterns as segmentations
from apps.sharing.api import SharesView, ShareView, StudySharesView
from apps.uploads.api_urls import urlpatterns as uploads
from apps.video.urls import urlpatterns as videos
from apps.volumes.api.urls import urlpatterns as volumes
from apps.webhooks.urls import urlpatterns as webhooks
from apps.worklist.api_urls import urlpatterns as steps
from apps.worklist.linking_urls import urlpatterns as linking
from apps.worklist.performed_api import PerformedStepsView, PerformedStepView
from config.api_root import ProblemsView, RootView, SchemaView


@csrf_exempt
def nothing(request: HttpRequest, **_: Any) -> HttpResponse:
    raise NotFound(say("There is nothing at this address. /api/docs shows what there is."))


_addresses: list[URLPattern] = [
    route("", RootView.as_view(), "api-root"),
    route("problems", ProblemsView.as_view(), "api-problems"),
    route("me", MeView.as_view(), "api-me"),
    route("tokens", TokensView.as_view(), "api-tokens"),
    route("tokens/<int:pk>", TokenView.as_view(), "api-token"),
    route("tokens/<int:pk>/rotate", RotateTokenView.as_view(), "api-token-rotate"),
    route("users", UsersView.as_view(), "api-users"),
    route("users/<int:pk>", UserView.as_view(), "api-user"),
    route("roles", RolesView.as_view(), "api-roles"),
    route("roles/<int:pk>", RoleView.as_view(), "api-role"),
    route("grants", GrantsView.as_view(), "api-grants"),
    route("grants/<int:pk>", GrantView.as_view(), "api-grant"),
    route("grants/<int:pk>/end", EndGrantView.as_view(), "api-grant-end"),
    route("studies", StudiesView.as_view(), "api-studies"),
    route("studies/<str:uid>", StudyView.as_view(), "api-study"),
    route("studies/<str:uid>/shares", StudySharesView.as_view(), "api-study-shares"),
    route("studies/<str:uid>/move", MoveView.as_view(), "api-study-move"),
    route("studies/<str:uid>/corrections", StudyCorrectionsView.as_view(), "api-study-corrections"),
    route("studies/<str:uid>/labels/<str:name>", StudyLabelView.as_view(), "api-study-label"),
    route("labels", LabelsView.as_view(), "api-labels"),
    route("patients", PatientsView.as_view(), "api-patients"),
    route("patients/<int:pk>", PatientView.as_view(), "api-patient"),
    route("patients/<int:pk>/merge", MergeView.as_view(), "api-patient-merge"),
    route("patients/<int:pk>/unmerge", UnmergeView.as_view(), "api-patient-unmerge"),
    route("patients/<int:pk>/corrections", PatientCorrectionsView.as_view(), "api-patient-corrections"),
    route("corrections/<int:pk>/undo", UndoView.as_view(), "api-correction-undo"),
    route("shares", SharesView.as_view(), "api-shares"),
    route("shares/<int:pk>", ShareView.as_view(), "api-share"),
    route("jobs", JobsView.as_view(), "api-jobs"),
    route("jobs/<int:pk>", JobView.as_view(), "api-job"),
    route("jobs/<int:pk>/cancel", CancelView.as_view(), "api-job-cancel"),
    route("jobs/<int:pk>/retry", RetryView.as_view(), "api-job-retry"),
    route("remotes", RemotesView.as_view(), "api-remotes"),
    route("remotes/<int:pk>", RemoteView.as_view(), "api-remote"),
    route("remotes/<int:pk>/echo", EchoView.as_view(), "api-remote-echo"),
    route("application-entities", ApplicationEntitiesView.as_view(), "api-application-entities"),
    route("application-entities/<int:pk>", ApplicationEntityView.as_view(), "api-application-entity"),
    route("unknown-callers", UnknownCallersView.as_view(), "api-unknown-callers"),
    route("unknown-callers/<int:pk>/allow", AllowCallerView.as_view(), "api-unknown-caller-allow"),
    route("unknown-callers/<int:pk>/dismiss", DismissCallerView.as_view(), "api-unknown-caller-dismiss"),
    route("remotes/<int:pk>/studies", RemoteStudiesView.as_view(), "api-remote-studies"),
    route("remotes/<int:pk>/studies/<str:uid>/series", RemoteSeriesView.as_view(), "api-remote-series"),
    route("remotes/<int:pk>/import", RemoteImportView.as_view(), "api-remote-import"),
    route("remotes/<int:pk>/send", RemoteSendView.as_view(), "api-remote-send"),
    route("audit/events", EventsView.as_view(), "api-audit-events"),
    *series,
    *access,
    *routing,
    *steps,
    *linking,
    *orthancs,
    *xrays,
    *appointments,
    *devices,
    *leads,
    *matches,
    *batches,
    *uploads,
    *performance,
    *hl7,
    *fhir,
    *videos,
    *volumes,
    *analyses,
    *measurements,
    *segmentations,
    *lesions,
    *reports,
    *dictation,
    *webhooks,
    *notifications,
    route("worklist/performed", PerformedStepsView.as_view(), "api-performed-steps"),
    route("worklist/performed/<int:pk>", PerformedStepView.as_view(), "api-performed-step"),
    route("schema", SchemaView.as_view(), "api-schema"),
    route("docs", docs, "api-docs"),
    # Last: whatever else is asked for, in the API's own words.
    re_path(r"", nothing),
]
urlpatterns = [behind_the_door(address) for address in _addresses]
