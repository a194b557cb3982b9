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
]
