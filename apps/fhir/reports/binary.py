"""Binary (FHIR R4, 2.37): the sealed PDFs of signed reports, as they are or within a resource."""

from base64 import b64encode
from typing import Final

from django.http import HttpRequest, HttpResponse

from apps.accounts.authentication import sign_in
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.audit import access
from apps.core.errors import NotAcceptable, NotFound
from apps.fhir.answering import answered
from apps.fhir.datatypes import Json, versioned
from apps.fhir.finding import number_of
from apps.fhir.negotiation import JSON, JSON_RANGES
from apps.fhir.reports.mapping import BINARY, PDF, binary_id
from apps.reports.models import Signature
from apps.reports.outputs import stored_pdf
from apps.saying import say

PREFIX: Final = binary_id(0).removesuffix("0")
PDF_RANGES: Final = frozenset({PDF, "application/*", "*/*"})
NO_SUCH: Final = say("There is no such resource.")


def accept(request: HttpRequest) -> None:
    """Raises NotAcceptable for who wants neither the PDF nor a resource in JSON."""
    if not _wanted(request) & (PDF_RANGES | JSON_RANGES):
        raise NotAcceptable(say("This is a PDF: ask for application/pdf or application/fhir+json."))


def read(request: HttpRequest, key: str) -> HttpResponse:
    """The PDF itself; the resource that holds it for who asks for that by name (3.1.0.1.11, 2.37.5)."""
    who = sign_in(request)
    signed = _signed(who, key)
    pdf = stored_pdf(signed) if signed else None
    if signed is None or pdf is None:
        raise NotFound(NO_SUCH)
    study = signed.report.study
    access.note(who, study.practice_id, study.study_instance_uid, "a report as a PDF")
    if _wanted(request) & JSON:
        return answered(_resource(signed, pdf))
    response = HttpResponse(pdf, content_type=PDF)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _signed(who: Principal, key: str) -> Signature | None:
    pk = number_of(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
    if pk is None:
        return None
    rows = Signature.objects.visible_to(who, Permission.VIEW).select_related("report__study")
    return rows.filter(pk=pk).first()


def _wanted(request: HttpRequest) -> set[str]:
    """The media ranges that are asked for, those of `_format` before Accept's."""
    named = request.GET.get("_format", "").replace(" ", "+").lower().partition(";")[0]
    if named:
        return {"application/json" if named == "json" else named}
    return {f"{each.main_type}/{each.sub_type}" for each in request.accepted_types} or {"*/*"}


def _resource(signed: Signature, pdf: bytes) -> Json:
    content = {"contentType": PDF, "data": b64encode(pdf).decode("ascii")}
    return versioned(content, BINARY, binary_id(signed.pk), signed.signed_at)
