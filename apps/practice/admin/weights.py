"""What fields weigh when studies are matched, version by version, and the button that learns from decisions."""

from collections.abc import Mapping
from typing import Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import ngettext

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.practice.linking import teaching
from apps.practice.models import MatchingWeights

SOURCE: Final = "admin"


@admin.register(MatchingWeights)
class MatchingWeightsAdmin(ScopedAdmin):
    """The newest first; it is the one that is used."""

    asks: Mapping[str, Guard] = {"view": Permission.ADMINISTER}
    list_display = ("version", "practice", "learnt_at", "learnt_by", "links", "rejections")
    list_filter = (PracticeFilter,)
    ordering = ("practice", "-version")
    fields = ("practice", "version", "learnt_at", "learnt_by", "links", "rejections", "weights")
    readonly_fields = fields
    actions = None
    list_before_template = "admin/practice/weights.html"

    def get_urls(self) -> list[URLPattern]:
        learn = self.admin_site.admin_view(self.learn_view)
        return [path("learn/", learn, name="practice_matchingweights_learn"), *super().get_urls()]

    @guarded({"POST": Permission.ADMINISTER})
    def learn_view(self, request: HttpRequest) -> HttpResponse:
        """The button above the list: for the active practice."""
        who = principal(request)
        try:
            made = teaching.learn(who, who.practice_id or 0, source=SOURCE)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
        else:
            said = ngettext(
                "Version %(version)s is learnt from %(links)s link.",
                "Version %(version)s is learnt from %(links)s links.",
                made.links,
            )
            messages.success(request, said % {"version": made.version, "links": made.links})
        return HttpResponseRedirect(reverse("admin:practice_matchingweights_changelist"))
