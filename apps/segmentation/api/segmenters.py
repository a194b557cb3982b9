"""The segmenters of this site in the REST API."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.core.filters import filters
from apps.core.languages import translated
from apps.core.serializers import CamelCaseSerializer
from apps.segmentation import choosing
from apps.segmentation.api.serializers import SegmentCodeSerializer
from apps.segmentation.choosing import Described, Origin
from apps.segmentation.objects.segments import Segment
from apps.segmentation.segmenters.options import MOST_POINTS, Option


class SegmenterFilters(CamelCaseSerializer):
    """What may be asked of the list of segmenters."""

    modality = serializers.CharField(required=False, max_length=16, help_text="Those for images of this Modality")


class SegmenterSegmentSerializer(CamelCaseSerializer):
    """A segment that it finds; `colour` is RGB as in #c8a078."""

    number = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    category = SegmentCodeSerializer()
    type = SegmentCodeSerializer()
    modifier = SegmentCodeSerializer()
    anatomy = SegmentCodeSerializer()
    colour = serializers.SerializerMethodField()

    def get_colour(self, segment: Segment) -> str:
        return "#{:02x}{:02x}{:02x}".format(*segment.colour)


class SegmenterOptionSerializer(CamelCaseSerializer):
    """What may be set of it, in the analysis' `options`: a number, or with `isPoints` a list of points (mm, LPS)."""

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    unit = serializers.CharField()
    default = serializers.FloatField(allow_null=True)
    smallest = serializers.FloatField()
    largest = serializers.FloatField()
    is_points = serializers.BooleanField(help_text=f"At most {MOST_POINTS} of them.")

    def get_title(self, option: Option) -> str:
        return translated(option.title)


class SegmenterSerializer(CamelCaseSerializer):
    """A segmenter: `name` is the analysis' `segmenter`. Without `modalities` it takes images of any.

    `problems` say to who administers the site why one can't be used; others don't see such.
    """

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    origin = serializers.ChoiceField([each.value for each in Origin])
    version = serializers.CharField()
    modalities = serializers.ListField(child=serializers.CharField())
    needs_hu = serializers.BooleanField(help_text="Only for images in Hounsfield units.")
    segments = SegmenterSegmentSerializer(many=True)
    options = SegmenterOptionSerializer(many=True)
    problems = serializers.SerializerMethodField()

    def get_title(self, described: Described) -> str:
        return translated(described.title)

    def get_description(self, described: Described) -> str:
        return translated(described.description)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_problems(self, described: Described) -> list[str]:
        return [translated(problem) for problem in described.problems]


class SegmentersView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(
        summary="What volumes can be segmented with here", operation_id="segmenters_list",
        parameters=[SegmenterFilters], responses=SegmenterSerializer(many=True),
        description="The classical ones, the site's MONAI bundles (`bundle:…`) and its external commands "
        "(`command:…`). Who administers the site also sees those that can't be used, and why.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        modality: Any = filters(request, SegmenterFilters).get("modality")
        administers = principal(request).may(Permission.ADMINISTER)
        found = [each for each in choosing.every() if administers or each.is_usable]
        fitting = [each for each in found if not modality or each.takes(modality)]
        return Response(SegmenterSerializer(fitting, many=True).data)
