"""Report templates."""

from django.urls import URLPattern

from apps.core.routes import route
from apps.reports.api.templates import (
    ImportTemplateView,
    PreviewTemplateView,
    TemplateSourceView,
    TemplatesView,
    TemplateView,
)

urlpatterns: list[URLPattern] = [
    route("report-templates", TemplatesView.as_view(), "api-report-templates"),
    route("report-templates/import", ImportTemplateView.as_view(), "api-report-templates-import"),
    route("report-templates/preview", PreviewTemplateView.as_view(), "api-report-templates-preview"),
    route("report-templates/<int:pk>", TemplateView.as_view(), "api-report-template"),
    route("report-templates/<int:pk>/source", TemplateSourceView.as_view(), "api-report-template-source"),
]
