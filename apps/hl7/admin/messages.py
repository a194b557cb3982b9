"""Messages in the admin: what became of each, what was in those that were not taken, and another try."""

from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, guarded, principal
from apps.core.dates import moment
from apps.core.errors import FoveaError
from apps.core.languages import translated
from apps.core.sealed import Unsealable
from apps.hl7 import replaying, showing
from apps.hl7.models import Message, MessageState

COLOURS: Final = {
    MessageState.TAKEN.value: "success",
    MessageState.PASSED.value: "info",
    MessageState.REFUSED.value: "danger",
    MessageState.FAILED.value: "danger",
}


@admin.register(Message)
class MessageAdmin(ScopedAdmin):
    """Messages, the newest first."""

    asks = {"view": Permission.ADMINISTER}
    list_display = ("what", "state_badge", "came_of_it", "sender", "received", "times")
    list_display_links = ("what",)
    list_filter = ("state", "kind", PracticeFilter)
    list_fullwidth = True
    search_fields = ("=control_id", "kind", "sender__name")
    search_help_text = _("Control ID, kind or sender")
    ordering = ("-received_at", "-pk")
    actions = ("retry_selected",)
    fields = ()
    change_form_template = "admin/hl7/message.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).select_related("practice", "sender").defer("content")

    @display(description=_("Message"), header=True, ordering="kind")
    def what(self, message: Message) -> tuple[str, str]:
        return message.kind or gettext("(no kind)"), message.control_id

    @display(description=_("State"), ordering="state", label=COLOURS)
    def state_badge(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()

    @display(description=_("What came of it"))
    def came_of_it(self, message: Message) -> SafeString:
        where = f"{message.place}: " if message.place else ""
        text = f"{where}{translated(message.detail)}" if message.detail else message.outcome
        return format_html('<span class="fovea-wrap">{}</span>', text)

    @display(description=_("Received"), ordering="received_at")
    def received(self, message: Message) -> str:
        return moment(message.received_at)

    @display(description=_("Times"), ordering="attempts")
    def times(self, message: Message) -> int:
        return message.attempts

    @action(description=_("Try again"))
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        # In the order in which they came: a change makes no sense before what it changes.
        for message in queryset.order_by("received_at", "pk"):
            self._retry(request, message)

    def get_urls(self) -> list[URLPattern]:
        retry = self.admin_site.admin_view(self.retry_view)
        return [path("<int:pk>/retry/", retry, name="hl7_message_retry"), *super().get_urls()]

    @guarded({"POST": Permission.ADMINISTER})
    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button of a message's own page."""
        message = self.get_queryset(request).filter(pk=pk).first()
        if message is None:
            raise Http404
        self._retry(request, message)
        return HttpResponseRedirect(reverse("admin:hl7_message_change", args=[pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        message = self.get_object(request, object_id)
        context: dict[str, Any] = {"message": message}
        if message is not None and principal(request).may_in_all_of(Permission.VIEW, message.practice_id):
            context |= _content(message)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def _retry(self, request: HttpRequest, message: Message) -> None:
        name = f"{message.kind} {message.control_id}"
        try:
            ended = replaying.replay(principal(request), message)
        except FoveaError as error:
            messages.error(request, f"{name}: {translated(error.detail)}")
            return
        if ended.verdict.condition is None:
            messages.success(request, gettext("%(name)s is taken.") % {"name": name})
        else:
            messages.error(request, f"{name}: {translated(ended.verdict.detail)}")


def _content(message: Message) -> dict[str, Any]:
    """What was in the message, line by line; or why that can't be shown."""
    try:
        return {"lines": showing.lines_of(message)}
    except Unsealable as error:
        return {"unreadable": str(error)}
