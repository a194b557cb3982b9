"""The storage page: what is kept for whom, and how much room is left."""

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.archive.models import Series, Study
from apps.archive.room import caches, disk


class StorageView(UnfoldModelAdminViewMixin, TemplateView):
    """Totals by practice and modality, of what the person may see; disk and caches, of the whole site."""

    title = "Storage"
    permission_required = ()
    template_name = "admin/archive/storage.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        who = principal(self.request)
        return super().get_context_data(
            **kwargs, practices=by_practice(who), modalities=by_modality(who), disk=disk(), caches=caches()
        )


def by_practice(who: Principal) -> QuerySet[Study, dict[str, Any]]:
    """Studies, instances and bytes of each practice."""
    rows = Study.objects.visible_to(who).order_by().values("practice__name")
    return rows.annotate(studies=Count("pk"), instances=Sum("instance_count"), bytes=Sum("size")).order_by("-bytes")


def by_modality(who: Principal) -> QuerySet[Series, dict[str, Any]]:
    """Series, instances and bytes of each modality."""
    rows = Series.objects.visible_to(who).order_by().values("modality")
    return rows.annotate(series=Count("pk"), instances=Sum("instance_count"), bytes=Sum("size")).order_by("-bytes")
