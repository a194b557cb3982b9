"""Quarantine in the admin: what is stored beside what came, and the decision between them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.accounts.guards import Guard
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, acting_in, guarded
from apps.archive import quarantine
from apps.archive.models import Instance, Quarantined
from apps.archive.templatetags.dicom_text import person_name
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated

Decision = Callable[[Principal, int], object]
DECISIONS: Final[dict[str, Decision]] = {"accept": quarantine.accept, "discard": quarantine.discard}
DONE: Final = {
    "accept": _("%(uid)s took the stored object's place."),
    "discard": _("%(uid)s was discarded; the stored object stays."),
}


def _stored(field: str) -> Subquery:
    """A column of the stored object whose UIDs the quarantined one bears."""
    same = Instance.objects.filter(
        sop_instance_uid=OuterRef("sop_instance_uid"),
        series__series_instance_uid=OuterRef("series_instance_uid"),
        series__study__study_instance_uid=OuterRef("study_instance_uid"),
        series__study__practice=OuterRef("practice"),
    )
    return Subquery(same.order_by().values(field)[:1])


@admin.register(Quarantined)
class QuarantinedAdmin(ScopedAdmin):
    """Objects that came under a UID that was taken."""

    asks: Mapping[str, Guard] = {"view": Permission.EDIT}
    list_display = ("instance", "what_is_stored", "what_came", "came")
    list_filter = (PracticeFilter, "received_at")
    list_disable_select_all = True
    search_fields = ("=sop_instance_uid", "=study_instance_uid", "patient_name")
    search_help_text = _("SOP or Study Instance UID, patient name")
    actions = ("accept_selected", "discard_selected")
    fields = ()
    change_form_template = "admin/archive/quarantined.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quarantined]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                stored_pk=_stored("pk"),
                stored_name=_stored("series__study__patient_name"),
                stored_size=_stored("size"),
                stored_source=_stored("source"),
                stored_received=_stored("received_at"),
                stored_digest=_stored("digest"),
            )
        )

    @display(description=_("Object"), header=True)
    def instance(self, held: Quarantined) -> tuple[str, str]:
        return person_name(held.patient_name), held.sop_instance_uid

    @display(description=_("What is stored"), header=True)
    def what_is_stored(self, held: Any) -> tuple[str, str]:
        if held.stored_pk is None:
            return gettext("nothing any more"), ""
        return f"{person_name(held.stored_name)} · {filesizeformat(held.stored_size)}", held.stored_source

    @display(description=_("What came"), header=True)
    def what_came(self, held: Quarantined) -> tuple[str, str]:
        return f"{person_name(held.patient_name)} · {filesizeformat(held.size)}", held.source

    @display(description=_("Received"), ordering="received_at")
    def came(self, held: Quarantined) -> str:
        return moment(held.received_at)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "view")

    @action(description=_("Accept: overwrite what is stored"), permissions=["decide"], variant=ActionVariant.DANGER)
    def accept_selected(self, request: HttpRequest, queryset: QuerySet[Quarantined]) -> None:
        self._decide_all(request, queryset, "accept")

    @action(description=_("Discard: keep what is stored"), permissions=["decide"])
    def discard_selected(self, request: HttpRequest, queryset: QuerySet[Quarantined]) -> None:
        self._decide_all(request, queryset, "discard")

    def _decide_all(self, request: HttpRequest, held: QuerySet[Quarantined], decision: str) -> None:
        for one in held:
            self._decide(request, one, decision)

    def _decide(self, request: HttpRequest, held: Quarantined, decision: str) -> None:
        try:
            DECISIONS[decision](acting_in(request, held.practice_id), held.pk)
        except FoveaError as error:
            messages.error(request, f"{held.sop_instance_uid}: {translated(error.detail)}")
        else:
            messages.success(request, DONE[decision] % {"uid": held.sop_instance_uid})

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", decide, name="archive_quarantined_decide"), *super().get_urls()]

    @guarded({"POST": Permission.EDIT})
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The buttons of an object's own page."""
        held = self.get_queryset(request).filter(pk=pk).first()
        decision = request.POST.get("decision", "")
        if held is None or decision not in DECISIONS:
            raise Http404
        self._decide(request, held, decision)
        return HttpResponseRedirect(reverse("admin:archive_quarantined_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        held: Any = self.get_object(request, object_id)
        context: dict[str, Any] = {"may_decide": self.has_decide_permission(request)}
        if held:
            context["held"] = held
            context["came_digest"] = bytes(held.digest).hex()
            context["stored_digest"] = bytes(held.stored_digest or b"").hex()
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})
