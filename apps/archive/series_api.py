"""Series and instances in the REST API: what a study is made of, and where DICOMweb has each of them."""

from typing import Any

from django.db.models import Case, QuerySet, When
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.api import DicomDate, DicomTime
from apps.archive.models import Instance, Series, Study
from apps.archive.rights import NO_SUCH
from apps.archive.viewing import viewer_url
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.filters import filters
from apps.core.paging import CursorPaging
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.dicom.uids import is_valid_uid

# Headers and indexes are long, and nothing here needs them.
_LONG = ("found", "header", "frame_index", "bulk_index", "digest")


class LinksSerializer(CamelCaseSerializer):
    """Addresses on this server: DICOMweb's for the object itself, its metadata and pictures, and the viewer's."""

    dicomweb = serializers.CharField()
    metadata = serializers.CharField()
    rendered = serializers.CharField()
    thumbnail = serializers.CharField()
    viewer = serializers.CharField()


class SeriesDetailSerializer(CamelCaseModelSerializer):
    """A series: `size` in bytes, dates and times as its device wrote them."""

    study_instance_uid = serializers.CharField(source="study.study_instance_uid")
    performed_start_date = DicomDate(read_only=True, allow_null=True)
    performed_start_time = DicomTime(read_only=True, allow_null=True)
    practice = serializers.IntegerField(source="study.practice_id")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Series
        fields: tuple[str, ...] = (
            "series_instance_uid", "study_instance_uid", "series_number", "modality", "series_description",
            "body_part_examined", "performed_start_date", "performed_start_time", "station_name", "instance_count",
            "size", "practice", "received_at", "updated_at", "links",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(LinksSerializer)
    def get_links(self, series: Series) -> dict[str, str]:
        return _links(series)


class InstanceSerializer(CamelCaseModelSerializer):
    """An instance: one object. `numberOfFrames` 0 is for one without pixels, `size` is in bytes."""

    series_instance_uid = serializers.CharField(source="series.series_instance_uid")
    study_instance_uid = serializers.CharField(source="series.study.study_instance_uid")
    modality = serializers.CharField(source="series.modality")
    practice = serializers.IntegerField(source="series.study.practice_id")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Instance
        fields: tuple[str, ...] = (
            "sop_instance_uid", "series_instance_uid", "study_instance_uid", "sop_class_uid", "transfer_syntax_uid",
            "modality", "instance_number", "number_of_frames", "size", "source", "practice", "received_at", "links",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(LinksSerializer)
    def get_links(self, instance: Instance) -> dict[str, str]:
        return _links(instance.series, f"/instances/{instance.sop_instance_uid}")


class SeriesFilters(CamelCaseSerializer):
    modality = serializers.CharField(required=False, max_length=16)
    body_part_examined = serializers.CharField(required=False, max_length=64)


class InstanceFilters(CamelCaseSerializer):
    sop_class_uid = serializers.CharField(required=False, max_length=64)


def _uid(what: str) -> OpenApiParameter:
    return OpenApiParameter("uid", OpenApiTypes.STR, OpenApiParameter.PATH, description=f"{what} Instance UID")


@extend_schema(parameters=[_uid("Study")])
class StudySeriesView(ListAPIView[Series]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = SeriesDetailSerializer
    orderings = {"seriesNumber": "series_number", "modality": "modality", "receivedAt": "received_at"}

    @extend_schema(summary="The series of a study, in their order", parameters=[SeriesFilters])
    def get(self, request: Request, uid: str) -> Response:
        """The active practice's, where several have a study of this UID."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Series]:
        asked, who = filters(self.request, SeriesFilters), principal(self.request)
        study = _of_uid(Study.objects.visible_to(who), who, "practice", study_instance_uid=self.kwargs["uid"])
        access.note(who, study.practice_id, study.study_instance_uid, "series")
        rows = Series.objects.visible_to(who).filter(study=study, **asked)
        return rows.select_related("study").defer("found", "study__found")


@extend_schema(parameters=[_uid("Series")])
class SeriesView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(summary="One series", responses=SeriesDetailSerializer)
    def get(self, request: Request, uid: str) -> Response:
        return Response(SeriesDetailSerializer(_series(principal(request), uid)).data)


@extend_schema(parameters=[_uid("Series")])
class SeriesInstancesView(ListAPIView[Instance]):
    guards: Guards = {"GET": Permission.VIEW}
    serializer_class = InstanceSerializer
    pagination_class = CursorPaging
    orderings = {"instanceNumber": "instance_number", "receivedAt": "received_at"}

    @extend_schema(summary="The instances of a series, in their order", parameters=[InstanceFilters])
    def get(self, request: Request, uid: str) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[Instance]:
        asked, who = filters(self.request, InstanceFilters), principal(self.request)
        rows = Instance.objects.filter(series=_series(who, self.kwargs["uid"]), **asked)
        return rows.select_related("series__study").defer(*_LONG, "series__found", "series__study__found")


@extend_schema(parameters=[_uid("SOP")])
class InstanceView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(summary="One instance", responses=InstanceSerializer)
    def get(self, request: Request, uid: str) -> Response:
        """Its attributes are in DICOMweb's metadata: see `links`."""
        who = principal(request)
        rows = Instance.objects.visible_to(who).select_related("series__study")
        rows = rows.defer(*_LONG, "series__found", "series__study__found")
        instance = _of_uid(rows, who, "series__study__practice", sop_instance_uid=uid)
        study = instance.series.study
        access.note(who, study.practice_id, study.study_instance_uid, "instances")
        return Response(InstanceSerializer(instance).data)


def _series(who: Principal, uid: str) -> Series:
    rows = Series.objects.visible_to(who).select_related("study").defer("found", "study__found")
    series: Series = _of_uid(rows, who, "study__practice", series_instance_uid=uid)
    access.note(who, series.study.practice_id, series.study.study_instance_uid, "series")
    return series


def _of_uid(rows: QuerySet[Any], who: Principal, practice: str, **uid: str) -> Any:
    """The row of this UID, the active practice's where there are several. Raises NotFound."""
    own_first = Case(When(**{practice: who.practice_id}, then=0), default=1)
    found = rows.filter(**uid).order_by(own_first, "pk").first() if all(map(is_valid_uid, uid.values())) else None
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def _links(series: Series, below: str = "") -> dict[str, str]:
    study = series.study.study_instance_uid
    here = f"/dicom-web/studies/{study}/series/{series.series_instance_uid}{below}"
    named = {"metadata": f"{here}/metadata", "rendered": f"{here}/rendered", "thumbnail": f"{here}/thumbnail"}
    return {"dicomweb": here, **named, "viewer": viewer_url(study, series.series_instance_uid)}
