"""Which volumes there are, and each one's geometry."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging
from apps.volumes.api.parameters import NoParameters, VolumeFilters
from apps.volumes.api.reaching import look_at_recent, looked_at, quantifiable, rows, volume_of
from apps.volumes.api.serializers import LeftOutSerializer, OneVolumeSerializer, VolumeSerializer, left_out_of
from apps.volumes.cache import is_ready
from apps.volumes.lattices import lattice_of
from apps.volumes.looks import look_at
from apps.volumes.models import Survey, Volume


class VolumesPaging(CursorPaging):
    """Pages that also tell what of the series asked about is in no volume, and how many are still to be looked at."""

    surveys: tuple[Survey, ...] = ()
    unseen = 0

    def get_paginated_response(self, data: Any) -> Response:
        left_out = [each for survey in self.surveys for each in left_out_of(survey)]
        response = super().get_paginated_response(data)
        response.data |= {"leftOut": LeftOutSerializer(left_out, many=True).data, "unseen": self.unseen}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        left_out = {"type": "array", "items": {"$ref": "#/components/schemas/LeftOut"}}
        page["properties"] |= {"leftOut": left_out, "unseen": {"type": "integer"}}
        page["required"] = [*page["required"], "leftOut", "unseen"]
        return page


class VolumesView(ListAPIView[Volume]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = VolumeSerializer
    pagination_class = VolumesPaging

    def get_queryset(self) -> QuerySet[Volume]:
        wanted = filters(self.request, VolumeFilters)
        study, series = wanted.get("study", ""), wanted.get("series", "")
        if study or series:
            paging: Any = self.paginator
            paging.surveys, paging.unseen = looked_at(self.request, study=study, series=series)
        else:
            look_at_recent(self.request)
        found = rows(self.request)
        if study:
            found = found.filter(survey__series__study__study_instance_uid=study)
        if series:
            found = found.filter(survey__series__series_instance_uid=series)
        if "quantifiable" in wanted:
            found = quantifiable(found, is_so=wanted["quantifiable"])
        return found.order_by("-pk")

    @extend_schema(
        summary="Volumes, newest first", parameters=[VolumeFilters],
        description="Of a study or a series they are looked for right then, and `leftOut` tells which images are in "
        "none; `unseen` is how many series are still to be looked at. Without either, those that came last are looked "
        "for, others once their study has settled.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        response = self.list(request)
        access.note_search(principal(request), "volumes", asked(request, VolumeFilters), len(response.data["results"]))
        return response


class VolumeView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(summary="One volume: where it lies, what to mind, its planes", responses=OneVolumeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        filters(request, NoParameters)
        volume = volume_of(request, pk, "a volume")
        told = {
            "lattice": lattice_of(volume),
            "window": look_at(volume).window,
            "unit": volume.scale["unit"],
            "is_ready": is_ready(volume),
        }
        return Response(OneVolumeSerializer(volume, context=told).data)
