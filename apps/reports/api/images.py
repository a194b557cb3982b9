"""Images for reports: which there are to choose from, and those of a report as it shows them."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import NotFound
from apps.core.languages import translated
from apps.reports import keyimages, pictures
from apps.reports.api.fields import KeyImageSerializer
from apps.reports.api.telling import content_for
from apps.reports.keyimages import Candidate
from apps.reports.models import Report
from apps.reports.reaching import READS, reads_signed_only, report_of
from apps.saying import say

JPEG: Final = "image/jpeg"
_PLACE: Final = OpenApiParameter("place", OpenApiTypes.INT, OpenApiParameter.PATH, description="From 0")


class ImageCandidateSerializer(KeyImageSerializer):
    """An image to choose: why it is one, and the address of a small picture of it."""

    why = serializers.CharField()
    thumbnail = serializers.CharField()


class ImagesView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="Images that a report may show", responses=ImageCandidateSerializer(many=True),
        description="Of its study, at most 120: those that Key Object Selections note, those with an arrow, those that "
        "were measured in, and the middle one of each series.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        who = principal(request)
        report = report_of(who, pk)
        found = keyimages.candidates(who, report.study)
        access.note(who, report.study.practice_id, report.study.study_instance_uid, "images for a report")
        return Response([_told(each) for each in found])


class KeyImageView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="A key image of a report", parameters=[_PLACE], responses={(200, JPEG): OpenApiTypes.BINARY},
        description="In its window, with what was drawn and measured in it. Where it is gone, words that say so.",
    )  # fmt: skip
    def get(self, request: Request, pk: int, place: int) -> HttpResponse:
        who = principal(request)
        report = report_of(who, pk)
        images = content_for(who, report).key_images
        if place >= len(images):
            raise NotFound(say("The report has no such key image."))
        access.note(who, report.study.practice_id, report.study.study_instance_uid, "a key image")
        with override(report.version.template.language):
            picture = pictures.picture_of(images[place], who, place + 1, _before(who, report))
        response = HttpResponse(picture.jpeg, content_type=JPEG)
        response.headers["Cache-Control"] = "private, no-cache"
        return response


def _before(who: Principal, report: Report) -> datetime | None:
    """When what the caller reads was signed; None for what is being written."""
    if report.is_open and not reads_signed_only(who, report):
        return None
    return report.signatures.latest("number").signed_at


def _told(candidate: Candidate) -> dict[str, Any]:
    image = candidate.image
    place = f"/dicom-web/studies/{image.study_uid}/series/{image.series_uid}/instances/{image.sop_instance_uid}"
    return {
        **image.as_json(), "why": translated(candidate.why),
        "thumbnail": f"{place}/frames/{image.frame}/thumbnail?viewport=256,256",
    }  # fmt: skip
