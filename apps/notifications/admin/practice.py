"""What a practice decides on notifications, in the admin."""

from typing import Any, Final

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.notifications import policies
from apps.notifications.models import Policy, Watch
from apps.remotes.models import Remote

SOURCE: Final = "admin"
SILENT, FINE = _("Silent"), _("Heard of")


@admin.register(Policy)
class PolicyAdmin(OfPracticeAdmin, ScopedAdmin):
    """Whether patients may be named in what leaves the server. One that says no is kept: that was said, too."""

    asks = dict.fromkeys(("view", "add", "change"), Permission.ADMINISTER)
    list_display = ("practice", "by_email", "by_chat")
    actions = None
    fields = ("practice", "by_email", "by_chat")

    def save_model(self, request: HttpRequest, obj: Policy, form: ModelForm, change: bool) -> None:
        policies.save_policy(principal(request), obj, source=SOURCE)


@admin.register(Watch)
class WatchAdmin(OfPracticeAdmin, ScopedAdmin):
    """Devices that are expected to call."""

    list_display = ("remote", "state", "hours", "days", "heard", "practice")
    list_filter = (PracticeFilter,)
    list_select_related = ("remote", "practice")
    actions = None
    fields = ("remote", "hours", "days")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("remote",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "remote":
            kwargs["queryset"] = Remote.objects.visible_to(principal(request)).filter(watch=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("State"), label={SILENT: "danger", FINE: "success"})
    def state(self, watch: Watch) -> Any:
        return SILENT if watch.silent_since else FINE

    @display(description=_("Last call"), ordering="remote__seen_at")
    def heard(self, watch: Watch) -> str:
        at = watch.remote.seen_at
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else gettext("Never")

    def save_model(self, request: HttpRequest, obj: Watch, form: ModelForm, change: bool) -> None:
        if not change:
            obj.practice_id = obj.remote.practice_id
        policies.save_watch(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: Watch) -> None:
        policies.remove_watch(principal(request), obj, source=SOURCE)
