"""The addresses below /api/."""

from apps.reports.api.urls_critical import urlpatterns as critical
from apps.reports.api.urls_drafts import urlpatterns as drafts
from apps.reports.api.urls_filling import urlpatterns as filling
from apps.reports.api.urls_objects import urlpatterns as objects
from apps.reports.api.urls_printing import urlpatterns as printing
from apps.reports.api.urls_signing import urlpatterns as signing
from apps.reports.api.urls_templates import urlpatterns as templates

urlpatterns = [*drafts, *filling, *objects, *printing, *signing, *templates, *critical]
