"""Which segmentations there are, and what is in each."""

from collections.abc import Mapping
from types import MappingProxyType
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
from apps.analysis.models import Analysis
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.paging import CursorPaging
from apps.segmentation.api.parameters import NoParameters, SegmentationFilters
from apps.segmentation.api.reaching import found, one
from apps.segmentation.api.serializers import SegmentationSerializer
from apps.segmentation.models import Segmentation
from apps.segmentation.origins import analyses_of


class SegmentationsView(ListAPIView[Segmentation]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = SegmentationSerializer
    pagination_class = CursorPaging
    # Those that made what is on the page.
    analyses: Mapping[int, Analysis] = MappingProxyType({})

    def get_queryset(self) -> QuerySet[Segmentation]:
        return found(principal(self.request), filters(self.request, SegmentationFilters))

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        self.analyses = analyses_of(page or ())
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "analyses": self.analyses}

    @extend_schema(
        summary="Segmentations, newest first", parameters=[SegmentationFilters],
        description="Every DICOM Segmentation that came, by whatever door: those of analyses, of viewers, of others. "
        "Those that came a moment ago are read right then.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        response = self.list(request)
        names = asked(request, SegmentationFilters)
        access.note_search(principal(request), "segmentations", names, len(response.data["results"]))
        return response


class SegmentationView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(summary="One segmentation and its segments", responses=SegmentationSerializer)
    def get(self, request: Request, pk: int) -> Response:
        filters(request, NoParameters)
        who = principal(request)
        row = one(who, pk)
        access.note(who, row.study.practice_id, row.study.study_instance_uid, "a segmentation")
        return Response(SegmentationSerializer(row, context={"analyses": analyses_of([row])}).data)
