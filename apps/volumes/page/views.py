"""The page of the panoramic: everything on it is drawn by its scripts from what the REST API answers."""

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from apps.accounts.guards import Guards
from apps.accounts.models import User
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.scoped_admin import principal
from apps.archive.models import Study
from apps.archive.viewing import viewer_url
from apps.core.languages import translated
from apps.volumes.geometry.wording import flag_text
from apps.volumes.models import Volume
from apps.volumes.page.words import words


class PanoramicView(LoginRequiredMixin, View):
    """For who sees the study; another's volume is not there. Saving takes the permission to start analyses."""

    guards: Guards = {"GET": Permission.VIEW}
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        who = principal(request)
        seen = Volume.objects.visible_to(who, Permission.VIEW).select_related("survey__series__study")
        volume = seen.filter(pk=pk).first()
        if volume is None:
            raise Http404
        return render(request, "volumes/panoramic.html", _shown(cast(User, request.user), who, volume))


def _shown(user: User, who: Principal, volume: Volume) -> dict[str, Any]:
    series = volume.series
    study = series.study
    return {
        "volume": volume,
        "series": series,
        "study": study,
        "study_url": reverse("admin:archive_study_change", args=[study.pk]) if user.is_staff else "",
        "viewer_url": viewer_url(study.study_instance_uid, series.series_instance_uid),
        "flags": [translated(flag_text(flag)) for flag in volume.known_flags],
        "may_save": Study.objects.visible_to(who, Permission.ANALYSE).filter(pk=study.pk).exists(),
        "addresses": _addresses(volume, study.study_instance_uid),
        "words": words(),
    }


def _addresses(volume: Volume, study_uid: str) -> dict[str, str]:
    """What the scripts ask."""
    return {
        "volume": f"/api/volumes/{volume.pk}",
        "analyses": f"/api/studies/{study_uid}/analyses",
        "analysis": "/api/analyses",
        "viewer": viewer_url(study_uid),
    }
