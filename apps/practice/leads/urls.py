"""The addresses of leads below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.leads.api import (
    EraseLeadView,
    LeadByExternalIdView,
    LeadsBulkView,
    LeadsView,
    LeadView,
    RestoreLeadView,
)
from apps.practice.leads.import_api import ImportLeadsView

urlpatterns: Final[list[URLPattern]] = [
    route("leads", LeadsView.as_view(), "api-leads"),
    route("leads/bulk", LeadsBulkView.as_view(), "api-leads-bulk"),
    route("leads/import", ImportLeadsView.as_view(), "api-leads-import"),
    route("leads/by-external-id/<str:external_id>", LeadByExternalIdView.as_view(), "api-lead-by-external-id"),
    route("leads/<int:pk>", LeadView.as_view(), "api-lead"),
    route("leads/<int:pk>/restore", RestoreLeadView.as_view(), "api-lead-restore"),
    route("leads/<int:pk>/erase", EraseLeadView.as_view(), "api-lead-erase"),
]
