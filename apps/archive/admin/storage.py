"""The storage page: what is kept for whom, and how much room is left."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.archive import quotas
from apps.archive.models import Series, Study, Usage
from apps.archive.quotas import Measured
from apps.archive.room import caches, disk


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what is stored: so many studies (or series), instances and bytes."""

    name: str
    count: int
    instances: int
    size: int


class StorageView(UnfoldModelAdminViewMixin, TemplateView):
    """Totals by practice and modality, of what the person administers; disk and caches, of the whole site."""

    title = _("Storage")
    guards: ClassVar[Guards] = {"GET": Permission.ADMINISTER}
    permission_required = ()
    template_name = "admin/archive/storage.html"

    def has_permission(self) -> bool:
        return principal(self.request).may(Permission.ADMINISTER)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        who = principal(self.request)
        return super().get_context_data(
            **kwargs,
            practices=by_practice(who),
            modalities=by_modality(who),
            disk=disk(),
            caches=caches(),
            bounded=bounded(who),
            may_bound=who.whole(Permission.ADMINISTER) is None,
        )


def bounded(who: Principal) -> list[tuple[Usage, Measured]]:
    """The practices that have quotas, and how much of theirs they have used."""
    rows = Usage.objects.visible_to(who, Permission.ADMINISTER).select_related("practice").order_by("practice__name")
    measured = [(row, quotas.of_row(row)) for row in rows]
    return [(row, each) for row, each in measured if each.quota is not None]


def by_practice(who: Principal) -> list[Share]:
    """What each practice has, the largest first."""
    rows = Study.objects.visible_to(who, Permission.ADMINISTER).order_by().values_list("practice__name")
    shares = rows.annotate(studies=Count("pk"), contained=Sum("instance_count"), taken=Sum("size"))
    return [Share(*row) for row in shares.order_by("-taken")]


def by_modality(who: Principal) -> list[Share]:
    """What there is of each modality, the largest first."""
    rows = Series.objects.visible_to(who, Permission.ADMINISTER).order_by().values_list("modality")
    shares = rows.annotate(series=Count("pk"), contained=Sum("instance_count"), taken=Sum("size"))
    return [Share(*row) for row in shares.order_by("-taken")]
