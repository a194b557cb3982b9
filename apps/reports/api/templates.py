"""Report templates in the REST API: which there are, their sources, taken in, tried out, and retired."""

from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.people_api import narrow
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.core.errors import Invalid, NotFound
from apps.core.filters import filters
from apps.core.policies import CONTENT_SECURITY_POLICY, DATA
from apps.reports import templates_taking
from apps.reports.api.template_serializers import (
    ChangedTemplateSerializer,
    NewTemplateSerializer,
    OneTemplateSerializer,
    PreviewSerializer,
    SourceFilters,
    TemplateFilters,
    TemplateImportSerializer,
    TemplateSerializer,
    TemplateSourceSerializer,
)
from apps.reports.models import ReportTemplate, TemplateVersion
from apps.reports.mrrt import limits
from apps.reports.templates_previewing import previewed
from apps.saying import say

SOURCE: Final = "API"
WRITES: Final = Permission.REPORT
DECIDES: Final = templates_taking.DECIDES


def visible(who: Principal) -> QuerySet[ReportTemplate]:
    """The product's templates, and those of practices in which the caller writes any report or decides."""
    if who.is_superuser:
        return ReportTemplate.objects.all()
    practices = [each for each in who.practice_ids if who.may_in(WRITES, each) or who.may_in(DECIDES, each)]
    return ReportTemplate.objects.filter(Q(practice=None) | Q(practice__in=practices))


class TemplatesView(ListAPIView[ReportTemplate]):
    guards: Guards = {"GET": WRITES, "POST": DECIDES}
    serializer_class = TemplateSerializer

    def get_queryset(self) -> QuerySet[ReportTemplate]:
        given = filters(self.request, TemplateFilters)
        modality = given.pop("modality", None)
        rows = visible(principal(self.request)).filter(**given).order_by("title", "language", "pk")
        # Databases ask JSON for a member in different ways, and these are few.
        return rows.filter(pk__in=[row.pk for row in rows if modality in row.modalities]) if modality else rows

    @extend_schema(
        summary="Report templates", parameters=[TemplateFilters],
        description="The product's own (`practice` is null) in every language, and those of one's practices.",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        summary="Take a report template in", request=NewTemplateSerializer, responses={201: OneTemplateSerializer},
        description="`source` is MRRT (HTML5). A template of the practice with the same identifier gets it as its next "
        "version; the same bytes again are the version that there is. 400 says what is wrong, with the line.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = _given(request, NewTemplateSerializer)
        return _taken(request, given["practice"], given["source"])


class ImportTemplateView(APIView):
    guards: Guards = {"POST": DECIDES}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        summary="Take a report template in from a file", request={"multipart/form-data": TemplateImportSerializer},
        responses={201: OneTemplateSerializer},
        description="A file of MRRT in UTF-8. Its bytes are kept: `GET …/source` gives the very same.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = _given(request, TemplateImportSerializer)
        return _taken(request, given["practice"], text_of(given["file"]))


class TemplateView(APIView):
    guards: Guards = {"GET": WRITES, "PATCH": DECIDES}

    @extend_schema(summary="One report template, with its versions", responses=OneTemplateSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(OneTemplateSerializer(_found(request, pk)).data)

    @extend_schema(
        summary="Retire a report template, or use it again", request=ChangedTemplateSerializer,
        responses=OneTemplateSerializer, description="Reports that were written with it stay as they are.",
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        template, given = _found(request, pk), _given(request, ChangedTemplateSerializer)
        templates_taking.retire(principal(request), template, is_retired=given["is_retired"], via=SOURCE)
        return Response(OneTemplateSerializer(template).data)


class TemplateSourceView(APIView):
    guards: Guards = {"GET": WRITES}

    @extend_schema(
        summary="The file of a report template", responses={(200, "text/html"): OpenApiTypes.STR},
        parameters=[SourceFilters],
        description="MRRT, byte by byte as it was taken in; of its newest version unless told otherwise. To be kept, "
        "not to be opened: browsers save it.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponse:
        template, wanted = _found(request, pk), filters(request, SourceFilters)
        versions = template.versions.order_by("-number")
        version = versions.filter(number=wanted["version"]).first() if "version" in wanted else versions.first()
        if version is None:
            raise NotFound(say("There is no such version of this template."))
        return as_file(version)


class PreviewTemplateView(APIView):
    guards: Guards = {"POST": DECIDES}

    @extend_schema(
        summary="Try a report template out", request=TemplateSourceSerializer, responses=PreviewSerializer,
        description="Nothing is stored. `html` shows what a report asks for, made of what was read of the source: to "
        "be shown in a frame with `sandbox`. With `problems` it is empty.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        return Response(PreviewSerializer(previewed(_given(request, TemplateSourceSerializer)["source"])).data)


def as_file(version: TemplateVersion) -> HttpResponse:
    """A version's source to be saved: nothing in it runs where it comes from here."""
    response = HttpResponse(version.source, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="report-template-{version.template_id}.html"'
    response["X-Content-Type-Options"] = "nosniff"
    response[CONTENT_SECURITY_POLICY] = DATA
    return response


def text_of(file: Any) -> str:
    """The text of a file that was sent. Raises Invalid for one that is too large, or not in UTF-8."""
    if file.size > limits.SOURCE_BYTES:
        most = limits.SOURCE_BYTES // 1024
        raise Invalid(say("The template is larger than {most} KiB.", most=most), [("file", say("This is too large."))])
    try:
        return str(file.read().decode("utf-8"))
    except UnicodeDecodeError as error:
        wrong = say("The file is not in UTF-8.")
        raise Invalid(wrong, [("file", wrong)]) from error


def _taken(request: Request, practice: Any, source: str) -> Response:
    version = templates_taking.take_in(principal(request), practice, source, via=SOURCE)
    place = reverse("api-report-template", args=[version.template_id], request=request)
    told = OneTemplateSerializer(version.template).data
    return Response(told, status=status.HTTP_201_CREATED, headers={"Location": place})


def _found(request: Request, pk: int) -> ReportTemplate:
    found = visible(principal(request)).filter(pk=pk).first()
    if found is None:
        raise NotFound(templates_taking.NO_TEMPLATE)
    return found


def _given(request: Request, serializer: Any) -> dict[str, Any]:
    asked = serializer(data=request.data)
    narrow(asked, principal(request))
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
