"""The page behind the bell: what one was told, and the way to each thing."""

from typing import Any, Final

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from apps.accounts.guards import Open
from apps.accounts.scoped_admin import GuardedAdmin, guarded, principal
from apps.notifications import reading
from apps.notifications.models import Notification

PAGE: Final = 30
USERS: Final = Open.TO_USERS


@admin.register(Notification)
class NotificationAdmin(GuardedAdmin):
    """One's own, and nobody else's."""

    asks = {"view": USERS}

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("", guard(self.list_view), name="notifications_notification_changelist"),
            path("seen/", guard(self.seen_view), name="notifications_notification_seen"),
            path("<int:pk>/open/", guard(self.open_view), name="notifications_notification_open"),
        ]

    @guarded({"GET": USERS})
    def list_view(self, request: HttpRequest) -> HttpResponse:
        """The newest first, a page at a time."""
        who = principal(request)
        page = Paginator(reading.own(who), PAGE).get_page(request.GET.get("p"))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": gettext("Notifications"),
            "page": page,
            "shown": reading.shown(page.object_list, who),
            "until": timezone.now(),
            "has_unseen": bool(reading.unseen(who.user_id)),
        }
        return TemplateResponse(request, "admin/notifications/list.html", context)

    @guarded({"POST": USERS})
    def seen_view(self, request: HttpRequest) -> HttpResponse:
        """All that had happened when the page was made count as seen."""
        reading.mark_seen(principal(request), until=parse_datetime(request.POST.get("until", "")))
        return HttpResponseRedirect(reverse("admin:notifications_notification_changelist"))

    @guarded({"GET": USERS})
    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To what a notification is about; it counts as seen then."""
        who = principal(request)
        row = reading.own(who).filter(pk=pk).first()
        if row is None:
            raise Http404
        reading.mark_seen(who, [pk])
        (shown,) = reading.shown([row], who)
        return HttpResponseRedirect(shown.page or reverse("admin:notifications_notification_changelist"))
