"""The addresses of routing under /api/."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.routing.api import (
    CancelOutgoingView,
    DestinationsView,
    OutboxView,
    OutgoingView,
    ResendView,
    RouteStudyView,
    RulesView,
    RuleView,
    SendFirstView,
    TryDestinationView,
)
from apps.routing.prefetch.api import FetchAgainView, PrefetchesView, PrefetchView, SourcesView, SourceView

urlpatterns: list[URLPattern] = [
    route("routing/rules", RulesView.as_view(), "api-routing-rules"),
    route("routing/rules/<int:pk>", RuleView.as_view(), "api-routing-rule"),
    route("routing/outbox", OutboxView.as_view(), "api-routing-outbox"),
    route("routing/outbox/<int:pk>", OutgoingView.as_view(), "api-routing-outgoing"),
    route("routing/outbox/<int:pk>/resend", ResendView.as_view(), "api-routing-resend"),
    route("routing/outbox/<int:pk>/cancel", CancelOutgoingView.as_view(), "api-routing-cancel"),
    route("routing/outbox/<int:pk>/first", SendFirstView.as_view(), "api-routing-first"),
    route("routing/destinations", DestinationsView.as_view(), "api-routing-destinations"),
    route("routing/destinations/<int:pk>/try", TryDestinationView.as_view(), "api-routing-try"),
    route("studies/<str:uid>/route", RouteStudyView.as_view(), "api-study-route"),
    route("prefetch", PrefetchesView.as_view(), "api-prefetches"),
    route("prefetch/sources", SourcesView.as_view(), "api-prefetch-sources"),
    route("prefetch/sources/<int:pk>", SourceView.as_view(), "api-prefetch-source"),
    route("prefetch/<int:pk>", PrefetchView.as_view(), "api-prefetch"),
    route("prefetch/<int:pk>/again", FetchAgainView.as_view(), "api-prefetch-again"),
]
