"""The addresses of scheduled steps below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.worklist.api import (
    CancelStepView,
    CompleteStepView,
    DiscontinueStepView,
    ImportStepsView,
    ReopenStepView,
    StartStepView,
    StepsView,
    StepView,
)

urlpatterns: Final[list[URLPattern]] = [
    route("worklist/steps", StepsView.as_view(), "api-steps"),
    route("worklist/steps/import", ImportStepsView.as_view(), "api-steps-import"),
    route("worklist/steps/<int:pk>", StepView.as_view(), "api-step"),
    route("worklist/steps/<int:pk>/cancel", CancelStepView.as_view(), "api-step-cancel"),
    route("worklist/steps/<int:pk>/reopen", ReopenStepView.as_view(), "api-step-reopen"),
    route("worklist/steps/<int:pk>/start", StartStepView.as_view(), "api-step-start"),
    route("worklist/steps/<int:pk>/complete", CompleteStepView.as_view(), "api-step-complete"),
    route("worklist/steps/<int:pk>/discontinue", DiscontinueStepView.as_view(), "api-step-discontinue"),
]
