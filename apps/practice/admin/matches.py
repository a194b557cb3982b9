"""Matches to review: the list of what waits, and one case at a time with its candidates side by side."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, principal
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import dicom_date, modality_badges, person_name, thumbnail
from apps.audit import access
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.practice.admin.comparison import compared
from apps.practice.leads.finding import search
from apps.practice.linking import confirming, log, verbs
from apps.practice.models import Lead, Match, MatchState
from apps.practice.models.matches import DECIDING
from apps.saying import say

SOURCE: Final = "admin"
MOST_SERIES: Final = 8
MOST_FOUND: Final = 10
MOST_HISTORY: Final = 30
SEARCH_LENGTH: Final = 200
COLOURS: Final = {
    MatchState.REVIEW: "warning",
    MatchState.LINKED: "success",
    MatchState.NO_LEAD: "info",
    MatchState.PENDING: "info",
}
CHOOSE: Final = say("Choose one of the leads.")


class StateFilter(SimpleListFilter):
    """What waits for somebody, unless the others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [
            *((each.value, str(each.label)) for each in (MatchState.LINKED, MatchState.NO_LEAD)),
            ("every", gettext("Every")),
        ]

    def choices(self, changelist: Any) -> Any:
        for number, choice in enumerate(super().choices(changelist)):
            yield choice | ({"display": MatchState.REVIEW.label} if number == 0 else {})

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # The page of one is for all of them.
        if request.resolver_match and not str(request.resolver_match.url_name).endswith("changelist"):
            return queryset
        asked = self.value()
        return queryset if asked == "every" else queryset.filter(state=asked or MatchState.REVIEW)


@admin.register(Match)
class MatchAdmin(ScopedAdmin):
    """The last first."""

    list_display = ("picture", "patient", "taken", "kind", "whose", "state_shown", "since")
    list_display_links = ("patient",)
    list_filter = (StateFilter, "how", PracticeFilter)
    list_fullwidth = True
    search_fields = ("study__patient_name_key", "study__patient_identifier", "lead__name_key")
    search_help_text = _("Name or Patient ID")
    ordering = ("-changed_at", "-pk")
    actions = ("confirm_selected",)
    fields = ()
    change_form_template = "admin/practice/match.html"
    change_list_template = "admin/practice/matches.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        rows = super().get_queryset(request).select_related("study", "practice", "lead")
        return rows.defer("study__found", "study__original_found").prefetch_related("candidates__lead")

    @display(description="")
    def picture(self, match: Match) -> SafeString:
        return thumbnail(f"studies/{match.study.study_instance_uid}")

    @display(description=_("Patient"), ordering="study__patient_name_key", header=True)
    def patient(self, match: Match) -> tuple[str, str]:
        return person_name(match.study.patient_name), match.study.patient_identifier

    @display(description=_("Date"), ordering="study__study_date", header=True)
    def taken(self, match: Match) -> tuple[str, str]:
        return dicom_date(match.study.study_date) or gettext("no date"), match.study.accession_number

    @display(description=_("Modalities"))
    def kind(self, match: Match) -> SafeString:
        return modality_badges(match.study.modalities)

    @display(description=_("Lead"), header=True)
    def whose(self, match: Match) -> tuple[str, str]:
        """The lead, or those whose it may be."""
        if match.lead is not None:
            return str(match.lead), match.get_how_display()
        candidates = list(match.candidates.all())
        if not candidates:
            return "", ""
        others = len(candidates) - 1
        return f"{candidates[0].lead}?", _others(others) if others else ""

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_shown(self, match: Match) -> tuple[str, str]:
        return match.state, match.get_state_display()

    @display(description=_("Since"), ordering="changed_at")
    def since(self, match: Match) -> str:
        return moment(match.changed_at)

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return principal(request).may(DECIDING)

    @action(description=_("Link where one lead fits and nothing speaks against it"), permissions=["confirm"])
    def confirm_selected(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        """Where there is something to think about, it stays on the list."""
        chosen = list(queryset[: confirming.MOST_AT_ONCE])
        done = [confirming.confirm(acting_in(request, each.practice_id), each, source=SOURCE) for each in chosen]
        count = sum(each.is_confirmed for each in done)
        said = gettext("%(count)s of %(all)s linked; the others are to be looked at one by one.")
        messages.success(request, said % {"count": count, "all": len(chosen)})

    def get_urls(self) -> list[URLPattern]:
        review = self.admin_site.admin_view(self.review_view)
        decide = self.admin_site.admin_view(self.decide_view)
        return [
            path("review/", review, name="practice_match_review"),
            path("<int:pk>/decide/", decide, name="practice_match_decide"),
            *super().get_urls(),
        ]

    @guarded({"GET": Permission.VIEW})
    def review_view(self, request: HttpRequest) -> HttpResponse:
        """The first case that waits; where none does, that is said."""
        first = self._waiting(request).first()
        if first is not None:
            return HttpResponseRedirect(_page(first.pk, request.GET.get("done", "")))
        context = {"title": gettext("Matches to review"), "done": self._done(request)}
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, "admin/practice/nothing.html", known)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        match = self.get_object(request, object_id)
        context = self._case(request, match) if match else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _case(self, request: HttpRequest, match: Match) -> dict[str, Any]:
        study = match.study
        access.note_search(principal(request), "a match", ["id"], 1)
        who = principal(request)
        waiting = self._waiting(request)
        others = Match.objects.filter(study__patient=study.patient_id, demographics=match.demographics)
        query = request.GET.get("q", "").strip()[:SEARCH_LENGTH]
        return {
            "match": match,
            "study": study,
            "series_list": list(study.series.defer("found")[:MOST_SERIES]),
            "is_seen": Study.objects.visible_to(who).filter(pk=study.pk).exists(),
            "comparison": compared(match, list(match.candidates.all())),
            "may_decide": who.may_in_all_of(DECIDING, match.practice_id),
            "waiting": waiting.count(),
            "next": _beside(waiting, match, is_next=True),
            "previous": _beside(waiting, match, is_next=False),
            "others": others.exclude(pk=match.pk).count(),
            "history": match.decisions.select_related("lead")[:MOST_HISTORY],
            "standing": log.standing_of(match),
            "query": query,
            "found": _found(match, query) if query else (),
            "done": self._done(request),
            "title": person_name(study.patient_name),
        }

    @guarded({"POST": DECIDING})
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The buttons of a case; then the next one that waits."""
        match = self.get_queryset(request).filter(pk=pk).first()
        if match is None:
            raise Http404
        after = _beside(self._waiting(request), match, is_next=True)
        seen = request.POST.get("version", "")
        who, deed = acting_in(request, match.practice_id), request.POST.get("deed", "")
        try:
            said = self._decide(who, match, deed, int(seen) if seen.isdigit() and len(seen) < 10 else None)
        except FoveaError as error:
            messages.error(request, translated(error.detail))
            return HttpResponseRedirect(_page(pk))
        messages.success(request, said)
        match.refresh_from_db()
        if deed == "undo" or match.state == MatchState.REVIEW:
            return HttpResponseRedirect(_page(pk))
        beyond = after if after and after.state == MatchState.REVIEW and after.pk != pk else None
        return HttpResponseRedirect(_page(beyond.pk, str(pk)) if beyond else f"{_review()}?done={pk}")

    def _decide(self, who: Principal, match: Match, deed: str, seen: int | None) -> str:
        """Do what the button says, and what is said then."""
        study = match.study
        name, _colon, number = deed.partition(":")
        told: dict[str, Any] = {"source": SOURCE, "seen": seen}
        plain: dict[str, tuple[Callable[..., Any], str]] = {
            "no-lead": (verbs.say_no_lead, gettext("It is no lead's.")),
            "unlink": (verbs.unlink, gettext("The link is taken back.")),
            "undo": (verbs.undo_last, gettext("Undone.")),
        }
        if name in plain:
            verb, said = plain[name]
            verb(who, study, **told)
            return said
        if name == "create":
            made = verbs.create_lead_of(who, study, **told).lead
            return gettext("Linked to the new lead %(name)s.") % {"name": made}
        lead = Lead.objects.filter(practice=match.practice_id, pk=number).first() if _is_number(number) else None
        if lead is None or name not in ("link", "reject"):
            raise FoveaError(CHOOSE)
        (verbs.link if name == "link" else verbs.reject)(who, study, lead, **told)
        said = gettext("Linked to %(name)s.") if name == "link" else gettext("It is not %(name)s.")
        return said % {"name": lead}

    def _waiting(self, request: HttpRequest) -> QuerySet[Match]:
        """What waits, in the order in which it is gone through: what waits longest first."""
        rows = Match.objects.visible_to(principal(request)).filter(state=MatchState.REVIEW)
        return rows.order_by("changed_at", "pk")

    def _done(self, request: HttpRequest) -> Match | None:
        """The case that was decided last, to be undone."""
        number = request.GET.get("done", "")
        return self.get_queryset(request).filter(pk=number).first() if _is_number(number) else None


def _beside(waiting: QuerySet[Match], match: Match, *, is_next: bool) -> Match | None:
    """The case after this one or before it; the first, or the last, at the end."""
    rows = waiting.exclude(pk=match.pk)
    if not is_next:
        rows = rows.reverse()
    way = "gt" if is_next else "lt"
    later = rows.filter(**{f"changed_at__{way}": match.changed_at}).first()
    return later or rows.first()


def _others(count: int) -> str:
    return ngettext("or %(count)s other", "or %(count)s others", count) % {"count": count}


def _found(match: Match, query: str) -> list[Lead]:
    """Other leads that somebody looks for."""
    here = Lead.objects.alive().filter(practice=match.practice_id)
    return list(search(here, query).order_by("name_key", "pk")[:MOST_FOUND])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _page(pk: int, done: str = "") -> str:
    after = f"?done={done}" if _is_number(done) else ""
    return reverse("admin:practice_match_change", args=[pk]) + after


def _review() -> str:
    return reverse("admin:practice_match_review")
