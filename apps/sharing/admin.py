"""Share links in the admin: the list, the page of one, and the page on which one is made."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded, principal
from apps.archive.models import Study
from apps.archive.templatetags.dicom_text import person_name
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.sharing import links
from apps.sharing.forms import ShareForm
from apps.sharing.models import Share, State
from apps.sharing.mount import link_url

SOURCE: Final = "admin"
COLOURS: Final = {
    State.CURRENT: "success",
    State.USED_UP: "warning",
    State.EXPIRED: "warning",
    State.REVOKED: "danger",
}
# Links to the same study that are shown beside a new one.
EARLIER: Final = 10


class StateFilter(admin.SimpleListFilter):
    """By whether the links still open anything."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Share]) -> QuerySet[Share]:
        revoked, expired = ~Q(revoked_at=None), Q(expires_at__lte=timezone.now())
        used_up = Q(openings__gte=F("most_openings"), most_openings__isnull=False)
        asked = {
            "revoked": revoked,
            "expired": ~revoked & expired,
            "used_up": ~revoked & ~expired & used_up,
            "current": ~revoked & ~expired & (Q(most_openings=None) | Q(openings__lt=F("most_openings"))),
        }
        condition = asked.get(self.value() or "")
        return queryset.filter(condition) if condition is not None else queryset


class StudyPracticeFilter(PracticeFilter):
    path = "study__practice"


@admin.register(Share)
class ShareAdmin(ScopedAdmin):
    """Links to the studies that the person may share, the newest first."""

    asks = {"view": Permission.SHARE}
    list_display = ("given_to", "opens", "state_badge", "use", "until", "made")
    list_filter = (StateFilter, StudyPracticeFilter)
    list_fullwidth = True
    list_disable_select_all = True
    search_fields = ("recipient", "purpose", "=study__study_instance_uid", "study__patient_name_key")
    search_help_text = _("Recipient, purpose, patient or Study Instance UID")
    actions = ("revoke_selected",)
    fields = ()
    change_form_template = "admin/sharing/share.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        rows = super().get_queryset(request).select_related("study", "series", "made_by", "revoked_by")
        return rows.defer("study__found", "series__found")

    @display(description=_("For"), ordering="recipient", header=True)
    def given_to(self, share: Share) -> tuple[str, str]:
        return share.recipient, share.purpose

    @display(description=_("Opens"), header=True)
    def opens(self, share: Share) -> tuple[str, str]:
        what = str(share.series) if share.series else str(share.study)
        return person_name(share.study.patient_name), gettext("series %(name)s") % {
            "name": what
        } if share.series else what

    @display(description=_("State"), label=COLOURS)
    def state_badge(self, share: Share) -> tuple[State, str]:
        return share.state, str(share.state.label)

    @display(description=_("Opened"), ordering="openings", header=True)
    def use(self, share: Share) -> tuple[str, str]:
        last = gettext("last %(at)s") % {"at": moment(share.opened_at)} if share.opened_at else gettext("never")
        if share.most_openings is None:
            return gettext("%(number)s of any number") % {"number": share.openings}, last
        return gettext("%(number)s of %(most)s") % {"number": share.openings, "most": share.most_openings}, last

    @display(description=_("Until"), ordering="expires_at")
    def until(self, share: Share) -> str:
        return moment(share.expires_at)

    @display(description=_("Made"), ordering="made_at", header=True)
    def made(self, share: Share) -> tuple[str, str]:
        return moment(share.made_at), gettext("by %(name)s") % {"name": share.made_by} if share.made_by else ""

    @action(description=_("Revoke: shut what these links open"))
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[Share]) -> None:
        for share in queryset:
            self._revoke(request, share)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("new/<int:study_pk>/", guard(self.new_view), name="sharing_share_new"),
            path("<int:pk>/revoke/", guard(self.revoke_view), name="sharing_share_revoke"),
            *super().get_urls(),
        ]

    @guarded({"GET": Permission.SHARE, "POST": Permission.SHARE})
    def new_view(self, request: HttpRequest, study_pk: int) -> HttpResponse:
        """A link to this study: the form, and then the link, this once."""
        study = Study.objects.visible_to(principal(request), Permission.SHARE).filter(pk=study_pk).first()
        if study is None:
            raise Http404
        who = acting_in(request, study.practice_id)
        form = ShareForm(study, request.POST or None, may_hand_out=links.may_hand_out(who, study))
        if form.is_valid():
            try:
                made = links.make(who, study.study_instance_uid, form.terms, source=SOURCE)
            except FoveaError as error:
                form.add_error(None, translated(error.detail))
            else:
                return self._made(request, made)
        earlier = self.get_queryset(request).filter(study=study)[:EARLIER]
        context = {"title": gettext("Share"), "study": study, "form": form, "earlier": earlier}
        return self._page(request, "admin/sharing/new.html", context)

    @guarded({"POST": Permission.SHARE})
    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button of a link's own page."""
        share = self.get_queryset(request).filter(pk=pk).first()
        if share is None:
            raise Http404
        self._revoke(request, share)
        return HttpResponseRedirect(reverse("admin:sharing_share_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        share = self.get_object(request, object_id)
        context = {"share": share, "badge": _badge(share)} if share else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _revoke(self, request: HttpRequest, share: Share) -> None:
        try:
            links.revoke(principal(request), share.pk, source=SOURCE)
        except FoveaError as error:
            why = {"name": share.recipient, "why": translated(error.detail)}
            messages.error(request, gettext("The link for %(name)s: %(why)s") % why)
        else:
            done = gettext("The link for %(name)s opens nothing any more.")
            messages.success(request, done % {"name": share.recipient})

    def _made(self, request: HttpRequest, made: links.Made) -> HttpResponse:
        """The link in the page itself, since a message would keep it in a cookie, and an address in the history."""
        context = {"title": gettext("Link made"), "share": made.share, "link": link_url(request, made.secret)}
        return self._page(request, "admin/sharing/made.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        response = TemplateResponse(request, template, {**self.admin_site.each_context(request), **context})
        response.headers["Cache-Control"] = "private, no-store"
        return response


def _badge(share: Share) -> SafeString:
    kind = "" if share.state is State.CURRENT else " bad" if share.state is State.REVOKED else " quiet"
    return format_html('<span class="fovea-badge{}">{}</span>', kind, share.state.label)
