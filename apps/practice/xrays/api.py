"""X-rays in the REST API: uploaded one at a time, listed, changed, deleted."""

from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import Invalid
from apps.core.filters import asked, filters
from apps.core.languages import translated
from apps.core.paging import CursorPaging
from apps.practice.models import XRay, XrayType
from apps.practice.xrays import changing, forms, listing
from apps.practice.xrays.receiving import Receiving, Taken, origin_of
from apps.practice.xrays.serializers import (
    ChangedFactsSerializer,
    ReceivedXraySerializer,
    XrayFilters,
    XraySerializer,
)
from apps.saying import say

SOURCE: Final = "API"
NO_PICTURE: Final = say("This DICOM object has no image: store it by DICOMweb (STOW-RS) or as part of a batch.")
NO_FIELD: Final = say("There is no such field, or it can't be changed.")
FORM: Final[dict[str, Any]] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "A DICOM file, or a JPEG, PNG or TIFF."},
            "leadId": {"type": "integer", "description": "Whose it is; a DICOM file without it is matched."},
            "userId": {"type": "string", "description": "What your system calls its user."},
            "xrayType": {"type": "string", "enum": XrayType.values},
            "dateTaken": {"type": "string", "description": "2024-01-31, or 2024-01-31T09:30:00+01:00."},
            "notes": {"type": "string"},
            "teeth": {"type": "string", "description": "FDI numbers, such as 16, 17."},
        },
        "required": ["file"],
    }
}


class XraysView(ListAPIView[XRay]):
    """The body of an upload is read as a stream, and never by the framework: the parser is there for the schema."""

    guards: Guards = {"GET": Permission.VIEW, "POST": Permission.UPLOAD}
    serializer_class = XraySerializer
    pagination_class = CursorPaging
    parser_classes = (MultiPartParser,)
    orderings: Final = {"dateTaken": "taken_at", "receivedAt": "received_at"}

    def get_queryset(self) -> QuerySet[XRay]:
        given = filters(self.request, XrayFilters)
        return listing.with_surroundings(listing.matching(principal(self.request), given))

    @extend_schema(summary="X-rays, by filters, the newest first", parameters=[XrayFilters])
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(principal(request), "X-rays", asked(request, XrayFilters), len(answer.data["results"]))
        return answer

    @extend_schema(
        summary="Upload an X-ray",
        description="A picture becomes a DICOM object. What is there already is answered with 200 and its id.",
        request=FORM,
        responses={200: ReceivedXraySerializer, 201: ReceivedXraySerializer},
    )
    def post(self, request: Request) -> Response:
        who = principal(request)
        taken = _take(request, who)
        if taken.xray is None:
            raise Invalid(NO_PICTURE, [("file", NO_PICTURE)])
        shown = _shown(taken, taken.xray)
        context = {**self.get_serializer_context(), "is_hidden": not _may_see(who, shown)}
        if context["is_hidden"]:
            shown.notes = shown.teeth = shown.user_id = ""
        data = ReceivedXraySerializer(shown, context=context).data
        code = status.HTTP_201_CREATED if taken.is_new else status.HTTP_200_OK
        place = reverse("api-dental-xray", kwargs={"pk": shown.pk}, request=request)
        return Response(data, status=code, headers={"Location": place})


class XrayView(GenericAPIView[XRay]):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": Permission.VIEW, "DELETE": Permission.DELETE}
    serializer_class = XraySerializer

    @extend_schema(summary="One X-ray")
    def get(self, request: Request, pk: int) -> Response:
        who = principal(request)
        xray = changing.find(who, pk)
        access.note(who, xray.practice_id, xray.study.study_instance_uid, "an X-ray's data")
        return self._answer(pk)

    @extend_schema(
        summary="Change what is said of an X-ray",
        description="A `leadId` is a decision about its whole study; it takes the permission to merge patients.",
        request=ChangedFactsSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        who = principal(request)
        xray = changing.find(who, pk)
        facts = _changes(request)
        with transaction.atomic():
            if set(facts) & set(changing.FACTS):
                changing.change(who, xray, facts, SOURCE)
            if "lead_id" in facts:
                lead = forms.lead_of(who, xray.practice_id, facts["lead_id"]) if facts["lead_id"] else None
                changing.give_to(who, xray, lead, SOURCE, whole_study=facts.get("whole_study", False))
        return self._answer(pk)

    @extend_schema(summary="Delete an X-ray for good", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        who = principal(request)
        changing.delete(who, changing.find(who, pk), SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, pk: int) -> Response:
        xray = listing.with_surroundings(XRay.objects.filter(pk=pk)).get()
        return Response(XraySerializer(xray, context=self.get_serializer_context()).data)


def _take(request: Request, who: Principal) -> Taken:
    """Read the form, store its file. Nothing is stored of a form in which anything is wrong."""
    practice_id = forms.practice_of(who)
    with Receiving(who, origin_of(who, practice_id)) as receiving:
        given = forms.read(request._request, receiving)  # noqa: SLF001 - what it wraps, unread
        declared = forms.declared(given, who, practice_id)
        if receiving.is_no_image:
            raise Invalid(NO_PICTURE, [("file", NO_PICTURE)])
        return receiving.settle(declared)


def _may_see(who: Principal, xray: XRay) -> bool:
    """Whether the principal may be told more of an X-ray than the file says that it sent."""
    is_own = bool(who.user_id) and xray.uploaded_by_id == who.user_id
    return is_own or XRay.objects.visible_to(who).filter(pk=xray.pk).exists()


def _shown(taken: Taken, xray: XRay) -> XRay:
    """The X-ray with what is shown beside it, and what its sender is told besides."""
    if not taken.is_whole:
        xray = listing.with_surroundings(XRay.objects.filter(pk=xray.pk)).get()
    said = [*taken.outcome.warnings, *filter(None, [taken.conflict])]
    xray.said = [translated(each) for each in said]  # type: ignore[attr-defined]
    return xray


def _changes(request: Request) -> dict[str, Any]:
    """What a PATCH says. Raises ValidationError, also for fields that there aren't."""
    asked = ChangedFactsSerializer(data=request.data)
    data = request.data if isinstance(request.data, dict) else {}
    if unknown := [name for name in data if name not in asked.fields]:
        raise ValidationError({name: [NO_FIELD] for name in unknown})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
