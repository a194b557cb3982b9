"""How a practice wants its videos converted, in the admin."""

from typing import Any, Final

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import ScopedAdmin, principal
from apps.video import administering
from apps.video.models import PracticePolicy

SOURCE: Final = "admin"


@admin.register(PracticePolicy)
class PracticePolicyAdmin(OfPracticeAdmin, ScopedAdmin):
    """What holds for all of a practice's videos, unless one is sent in otherwise. A practice has one, or the usual."""

    asks = dict.fromkeys(("view", "add", "change"), Permission.ADMINISTER)
    list_display = ("practice", "sound", "hevc", "mjpeg", "speed", "changed_at")
    actions = None
    fieldsets = (
        (None, {"fields": ("practice", "sound")}),
        (_("What is kept as it is"), {"fields": (("hevc", "mjpeg"), ("interlace", "timing"), "keep_4k")}),
        (_("What is encoded anew"), {"fields": ("speed", "hardware")}),
        (_("Damaged files"), {"fields": ("max_lost",)}),
    )

    def save_model(self, request: HttpRequest, obj: PracticePolicy, form: ModelForm, change: bool) -> None:
        administering.save_policy(principal(request), obj, source=SOURCE)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("practice")
