"""Mask templates in the admin: where a device writes into its pictures, drawn on one of them."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.accounts.admin.deciding import OfPracticeAdmin
from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import PracticeFilter, ScopedAdmin, principal
from apps.video import administering
from apps.video.masking import MOST
from apps.video.models import MaskTemplate, Video

SOURCE: Final = "admin"
# Videos on whose pictures masks can be drawn: their names and SOP Instance UIDs.
Backdrops = Sequence[tuple[str, str]]
MOST_BACKDROPS: Final = 30


class DrawingWidget(forms.Textarea):
    """Rectangles as JSON, with a board on which they are drawn (static/fovea/video-masks.js)."""

    class Media:
        js = (forms.Script("fovea/video-masks.js", defer=True),)
        css = {"all": ("fovea/video.css",)}

    def __init__(self, pictures: Backdrops = ()) -> None:
        super().__init__()
        self.pictures = pictures

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        context = {"name": name, "value": value or "[]", "most": MOST, "pictures": self.pictures, "words": _words()}
        return render_to_string("admin/video/masks.html", context)


@admin.register(MaskTemplate)
class MaskTemplateAdmin(OfPracticeAdmin, ScopedAdmin):
    """The mask templates of the practices that the person administers."""

    list_display = ("name", "device", "count", "practice")
    list_display_links = ("name",)
    list_filter = (PracticeFilter,)
    search_fields = ("name", "manufacturer", "model")
    search_help_text = _("Name, manufacturer or model")
    ordering = ("name",)
    actions = None
    fieldsets = (
        (None, {"fields": (("name", "practice"),)}),
        (_("Which device"), {"fields": (("manufacturer", "model"),)}),
        (_("What is painted black"), {"fields": ("masks", "covers_all")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaskTemplate]:
        return super().get_queryset(request).select_related("practice")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "masks":
            return db_field.formfield(widget=DrawingWidget(_backdrops(request)), help_text="", **kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("Device"))
    def device(self, row: MaskTemplate) -> str:
        return " ".join(filter(None, (row.manufacturer, row.model))) or gettext("chosen by hand")

    @display(description=_("Masks"))
    def count(self, row: MaskTemplate) -> str:
        return ngettext("%(count)s mask", "%(count)s masks", len(row.masks)) % {"count": len(row.masks)}

    def save_model(self, request: HttpRequest, obj: MaskTemplate, form: ModelForm, change: bool) -> None:
        administering.save_mask(principal(request), obj, source=SOURCE)

    def delete_model(self, request: HttpRequest, obj: MaskTemplate) -> None:
        administering.remove_mask(principal(request), obj, source=SOURCE)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The templates alone: the videos that were converted by them stay as they are."""
        templates = list(objs)
        return list(map(str, templates)), {gettext("mask templates"): len(templates)}, set(), []


def _backdrops(request: HttpRequest) -> Backdrops:
    """The newest videos that are stored."""
    videos = Video.objects.visible_to(principal(request), Permission.ADMINISTER).exclude(sop_instance_uid="")
    return list(videos.order_by("-pk").values_list("name", "sop_instance_uid")[:MOST_BACKDROPS])


def _words() -> dict[str, str]:
    """What the script says; places in braces it fills itself."""
    return {
        "name": gettext("Mask {number}"),
        "left": gettext("Left, percent"),
        "top": gettext("Top, percent"),
        "width": gettext("Width, percent"),
        "height": gettext("Height, percent"),
        "remove": gettext("Remove"),
    }
