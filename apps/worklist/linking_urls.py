"""The addresses of what brings steps and studies together, under /api/."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.worklist.linking_api import CheckInView, LinkStepView, SetAsideView, UnlinkStepView, UnplannedView

urlpatterns: list[URLPattern] = [
    route("worklist/steps/<int:pk>/check-in", CheckInView.as_view(), "api-step-check-in"),
    route("worklist/steps/<int:pk>/link", LinkStepView.as_view(), "api-step-link"),
    route("worklist/steps/<int:pk>/unlink", UnlinkStepView.as_view(), "api-step-unlink"),
    route("worklist/unplanned", UnplannedView.as_view(), "api-unplanned"),
    route("worklist/unplanned/<int:pk>/set-aside", SetAsideView.as_view(), "api-unplanned-set-aside"),
]
