"""Signing reports in the REST API: the signature, what was signed before, and the PDF."""

from typing import Final, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.models import User
from apps.accounts.passwords import LONGEST
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.errors import NotFound, Unavailable
from apps.core.filters import filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.reports import addresses, outputs, signing
from apps.reports.models import Report, Signature
from apps.reports.reaching import READS, reads_signed_only, report_of
from apps.reports.waiting import waited_for
from apps.saying import say

SOURCE: Final = "API"
PDF: Final = "application/pdf"
WHAT: Final = "a report"
LARGEST: Final = 2**31 - 1
NO_SUCH: Final = say("The report has no such signature.")


class SignatureSerializer(CamelCaseModelSerializer):
    """A signature: `name` as DICOM writes it (PN), `digest` the SHA-256 of what was signed. `verificationUrl` is where
    anybody who holds the paper can check it; empty where the site has no FOVEA_PUBLIC_URL."""

    is_stored = serializers.SerializerMethodField()
    verification_url = serializers.SerializerMethodField()

    class Meta:
        model = Signature
        fields = (
            "number", "name", "credentials", "signed_at", "reason", "digest", "pdf_digest", "is_stored",
            "stored_at", "distributed_at", "pdf_instance_uid", "sr_instance_uid", "verification_url",
        )  # fmt: skip

    def get_is_stored(self, row: Signature) -> bool:
        return row.stored_at is not None

    def get_verification_url(self, row: Signature) -> str:
        return addresses.verification(row.verification)


class SigningSerializer(CamelCaseSerializer):
    """`revision` is the report's as it was read, so that nothing is signed unseen; without it, it is signed as it is.
    `password` is that of whoever signs, empty for who has none here."""

    revision = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    password = serializers.CharField(
        max_length=LONGEST, allow_blank=True, default="", trim_whitespace=False, write_only=True
    )


class PdfFilters(CamelCaseSerializer):
    number = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST, help_text="A signature's; the last unless it is said"
    )
    is_draft = serializers.BooleanField(required=False, default=False, help_text="As it is being written or amended")


class SignView(APIView):
    guards: Guards = {"POST": Permission.SIGN}

    @extend_schema(
        summary="Sign a report", operation_id="reports_sign_create",
        request=SigningSerializer, responses={201: SignatureSerializer},
        description="It is final from then on, or amended, and never changes again. A job makes and stores its PDF and "
        "structured report (`isStored`). 400 with what is missing or unconfirmed by its field, and for another "
        "password; 403 for who has no password here and no sign-in of the last minutes; 409 for one that has changed, "
        "or that somebody else has signed.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        asked = SigningSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        row = signing.sign(
            principal(request), cast(User, request.user), pk, given.get("revision"), given["password"], SOURCE,
            request._request,  # noqa: SLF001 - what it wraps
        )  # fmt: skip
        return Response(SignatureSerializer(row).data, status=status.HTTP_201_CREATED)


class SignaturesView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="Who has signed a report, the last first", operation_id="reports_signatures_list",
        responses=SignatureSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        report = report_of(principal(request), pk)
        _note(principal(request), report)
        return Response(SignatureSerializer(report.signatures.all(), many=True).data)


class PdfView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="A report as a PDF", operation_id="reports_pdf_retrieve", parameters=[PdfFilters],
        responses={(200, PDF): OpenApiResponse(OpenApiTypes.BINARY)},
        description="As it was signed and sealed. One that is not signed yet is marked as a draft. 503 while it is "
        "being made.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponse:
        who, wanted = principal(request), filters(request, PdfFilters)
        report = report_of(who, pk)
        is_draft = wanted["is_draft"] and report.is_open and not reads_signed_only(who, report)
        row = None if is_draft else _signature(report, wanted.get("number"))
        data = _signed_pdf(row) if row else _preview(who, report)
        _note(who, report)
        return _answer(data, f"report-{report.pk}-{row.number if row else 'draft'}.pdf")


def _signature(report: Report, number: int | None) -> Signature | None:
    """The last signature, or the one of this number; None for a report that was never signed. Raises NotFound."""
    rows = Signature.objects.filter(report=report).select_related("report").order_by("-number")
    if number is None:
        return rows.first()
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def _signed_pdf(row: Signature) -> bytes:
    if row.stored_at is None:
        return _made_pdf(row)
    pdf = outputs.stored_pdf(row)
    if pdf is None:
        raise NotFound(say("The PDF has been deleted from the archive."))
    return pdf


def _made_pdf(row: Signature) -> bytes:
    pdf = waited_for(lambda: outputs.stored_pdf(row))
    if pdf is None:
        raise Unavailable(say("The PDF is being made. Ask for it again in a moment."))
    return pdf


def _preview(who: Principal, report: Report) -> bytes:
    from apps.reports import previewing

    return previewing.preview(report)


def _answer(data: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=PDF,
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-cache"},
    )  # fmt: skip


def _note(who: Principal, report: Report) -> None:
    access.note(who, report.study.practice_id, report.study.study_instance_uid, WHAT)
