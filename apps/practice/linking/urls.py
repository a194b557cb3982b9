"""The addresses of matches, below /api/."""

from typing import Final

from django.urls import URLPattern

from apps.core.routes import route
from apps.practice.linking.api import (
    ConfirmMatchesView,
    CreateLeadView,
    LeadStudiesView,
    LinkView,
    MatchesView,
    MatchView,
    NoLeadView,
    RejectView,
    StudyMatchView,
    UndoMatchView,
    UnlinkView,
)

urlpatterns: Final[list[URLPattern]] = [
    route("matches", MatchesView.as_view(), "api-matches"),
    route("matches/confirm", ConfirmMatchesView.as_view(), "api-matches-confirm"),
    route("matches/<int:pk>", MatchView.as_view(), "api-match"),
    route("studies/<str:uid>/match", StudyMatchView.as_view(), "api-study-match"),
    route("studies/<str:uid>/match/link", LinkView.as_view(), "api-study-match-link"),
    route("studies/<str:uid>/match/reject", RejectView.as_view(), "api-study-match-reject"),
    route("studies/<str:uid>/match/no-lead", NoLeadView.as_view(), "api-study-match-no-lead"),
    route("studies/<str:uid>/match/unlink", UnlinkView.as_view(), "api-study-match-unlink"),
    route("studies/<str:uid>/match/create-lead", CreateLeadView.as_view(), "api-study-match-create-lead"),
    route("studies/<str:uid>/match/undo", UndoMatchView.as_view(), "api-study-match-undo"),
    route("leads/<int:pk>/studies", LeadStudiesView.as_view(), "api-lead-studies"),
]
