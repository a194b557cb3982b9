"""Destinations in the admin: whether each takes what it is sent, what waits for it and since when."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import ScopedAdmin, acting_in, guarded, principal
from apps.routing import hastening, standing
from apps.routing.models import Alarm, Destination, Outgoing
from apps.routing.standing import Health, Standing

LAST: Final = 20
# The badge of each: good, bad, or neither.
COLOURS: Final = {
    Health.WELL: "",
    Health.FAILING: "bad",
    Health.SILENT: "bad",
    Health.OFF: "quiet",
    Health.UNUSED: "quiet",
}


@admin.register(Destination)
class DestinationAdmin(ScopedAdmin):
    """A card for each destination; its page tells what happened lately."""

    asks = {"view": Permission.ADMINISTER}
    fields = ()
    change_form_template = "admin/routing/destination.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        return super().get_queryset(request).select_related("remote")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_view)
        return [path("<int:pk>/try/", view, name="routing_destination_try"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All of them at a glance, the ones in need first."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        chosen = request.GET.get("remote", "")
        only = {"pk": int(chosen)} if chosen.isdigit() and len(chosen) < 19 else {}
        found = sorted(standing.standings(principal(request), **only), key=_need)
        most = max((each.waiting + each.sending for each in found), default=0)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Destinations"),
            "cards": [_card(each, most) for each in found],
        }
        return TemplateResponse(request, "admin/routing/destinations.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = _shown(request, row) if row else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Destination | None:
        found: Destination | None = super().get_object(request, object_id, from_field)
        return found

    @guarded({"POST": Permission.ADMINISTER})
    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button: the router makes no further pause."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None:
            raise Http404
        count = hastening.try_now(row.remote, acting_in(request, row.remote.practice_id))
        if count:
            text = ngettext(
                "%(name)s is tried now: %(count)s study to send.",
                "%(name)s is tried now: %(count)s studies to send.",
                count,
            )
            messages.success(request, text % {"name": row.remote.name, "count": count})
        else:
            messages.info(request, gettext("Nothing waits for %(name)s.") % {"name": row.remote.name})
        return HttpResponseRedirect(reverse("admin:routing_destination_change", args=[pk]))


def _need(each: Standing) -> tuple[bool, bool, str]:
    return each.health is not Health.SILENT, not each.failed, each.remote.name


def _card(each: Standing, most: int) -> dict[str, Any]:
    """What a card shows; the bar is as long as its queue beside the longest."""
    to_go = each.waiting + each.sending
    return {
        "standing": each,
        "colour": COLOURS[each.health],
        "to_go": to_go,
        "percent": round(100 * to_go / most) if most else 0,
        "outbox_url": f"{reverse('admin:routing_outgoing_changelist')}?remote__id__exact={each.remote.pk}",
    }


def _shown(request: HttpRequest, row: Destination) -> dict[str, Any]:
    (found,) = standing.standings(principal(request), pk=row.remote_id)
    return {
        **_card(found, found.waiting + found.sending),
        "title": row.remote.name,
        "rules": row.remote.routing_rules.order_by("position", "pk"),
        "history": Alarm.objects.filter(remote=row.remote_id).order_by("-pk")[:LAST],
        "last": Outgoing.objects.filter(remote=row.remote_id).select_related("rule", "study").order_by("-pk")[:LAST],
    }
