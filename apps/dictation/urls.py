"""The addresses below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.dictation.api.views import CorrectionsView, CorrectionView, DictationsView, DictationView, EnginesView

urlpatterns: Final[list[URLPattern]] = [
    route("dictations", DictationsView.as_view(), "api-dictations"),
    route("dictations/engines", EnginesView.as_view(), "api-dictation-engines"),
    route("dictations/<int:pk>", DictationView.as_view(), "api-dictation"),
    route("dictation-corrections", CorrectionsView.as_view(), "api-dictation-corrections"),
    route("dictation-corrections/<int:pk>", CorrectionView.as_view(), "api-dictation-correction"),
]
