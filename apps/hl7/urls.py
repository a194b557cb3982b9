"""HL7 in the REST API."""

from apps.core.routes import route
from apps.hl7.api import (
    DismissView,
    LetInView,
    MessagesView,
    MessageView,
    ReplayView,
    SendersView,
    SenderView,
    StrangersView,
)
from apps.hl7.results_api import ReportSegmentsView

urlpatterns = [
    route("hl7/senders", SendersView.as_view(), "api-hl7-senders"),
    route("hl7/senders/<int:pk>", SenderView.as_view(), "api-hl7-sender"),
    route("hl7/unknown-senders", StrangersView.as_view(), "api-hl7-unknown-senders"),
    route("hl7/unknown-senders/<int:pk>/allow", LetInView.as_view(), "api-hl7-unknown-sender-allow"),
    route("hl7/unknown-senders/<int:pk>/dismiss", DismissView.as_view(), "api-hl7-unknown-sender-dismiss"),
    route("hl7/messages", MessagesView.as_view(), "api-hl7-messages"),
    route("hl7/messages/<int:pk>", MessageView.as_view(), "api-hl7-message"),
    route("hl7/messages/<int:pk>/replay", ReplayView.as_view(), "api-hl7-message-replay"),
    route("hl7/reports/<int:pk>", ReportSegmentsView.as_view(), "api-hl7-report"),
]
