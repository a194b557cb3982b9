"""The addresses of appointments and of the worklist in practice management's words, below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.appointments.api import (
    AppointmentsView,
    AppointmentView,
    ArriveView,
    CancelAppointmentView,
    FulfilView,
    NoShowView,
    ReopenAppointmentView,
)
from apps.practice.appointments.worklist_api import WorklistEntryView, WorklistView

urlpatterns: Final[list[URLPattern]] = [
    route("appointments", AppointmentsView.as_view(), "api-appointments"),
    route("appointments/<int:pk>", AppointmentView.as_view(), "api-appointment"),
    route("appointments/<int:pk>/arrive", ArriveView.as_view(), "api-appointment-arrive"),
    route("appointments/<int:pk>/fulfil", FulfilView.as_view(), "api-appointment-fulfil"),
    route("appointments/<int:pk>/cancel", CancelAppointmentView.as_view(), "api-appointment-cancel"),
    route("appointments/<int:pk>/no-show", NoShowView.as_view(), "api-appointment-no-show"),
    route("appointments/<int:pk>/reopen", ReopenAppointmentView.as_view(), "api-appointment-reopen"),
    route("dental/dicom/worklist", WorklistView.as_view(), "api-dental-worklist"),
    route("dental/dicom/worklist/<int:pk>", WorklistEntryView.as_view(), "api-dental-worklist-entry"),
]
