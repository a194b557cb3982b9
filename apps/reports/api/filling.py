"""What reports are filled in with, in the REST API: filled in again, earlier studies, and what was measured."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.models import Study
from apps.archive.viewing import viewer_url
from apps.audit import access
from apps.core.languages import translated
from apps.core.serializers import CamelCaseSerializer
from apps.measurements.models import Measurement
from apps.reports.api import telling
from apps.reports.api.fields import LARGEST
from apps.reports.api.serializers import StudyReportSerializer
from apps.reports.content.checking import MOST_MEASUREMENTS
from apps.reports.content.document import Document, Measured
from apps.reports.filling.facts import Facts
from apps.reports.filling.measuring import origin_of
from apps.reports.filling.priors import Prior, acquired, prior_studies
from apps.reports.filling.refilling import refill
from apps.reports.filling.rows import rows_of
from apps.reports.filling.tabling import measured
from apps.reports.filling.wording import listed
from apps.reports.models import Signature
from apps.reports.printing.text import text_of
from apps.reports.reaching import READS, WRITES, report_of
from apps.reports.templates_finding import structure_of_version

SOURCE: Final = "API"
# Of the newest earlier reports, so many come with their text.
MOST_TEXTS: Final = 10


class FillSerializer(CamelCaseSerializer):
    """`revision` is the one that was read; left out, the one there is."""

    revision = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)


class PriorReportSerializer(CamelCaseSerializer):
    """The last signature of a report."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    status = serializers.CharField()
    signed_at = serializers.DateTimeField()
    signed_by = serializers.CharField()
    html_url = serializers.CharField()
    pdf_url = serializers.CharField()


class PriorSerializer(CamelCaseSerializer):
    """An earlier study of the patient. `isAlike`: with a modality that the report is of. `text` is that of the report
    that was signed last, of the newest ten; empty without any."""

    id = serializers.IntegerField()
    study_instance_uid = serializers.CharField()
    date = serializers.CharField(help_text="As DICOM writes it (DA)")
    time = serializers.CharField(allow_blank=True, help_text="As DICOM writes it (TM)")
    description = serializers.CharField(allow_blank=True)
    modalities = serializers.ListField(child=serializers.CharField())
    accession_number = serializers.CharField(allow_blank=True)
    is_alike = serializers.BooleanField()
    viewer_url = serializers.CharField()
    reports = PriorReportSerializer(many=True)
    text = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)


class EarlierValueSerializer(CamelCaseSerializer):
    date = serializers.CharField(help_text="As DICOM writes it (DA)")
    value = serializers.FloatField()


class ReportMeasurementSerializer(CamelCaseSerializer):
    """What was measured in the study and may stand in the report's table; `change` is in percent since the last of its
    earlier values. `said` tells where it is from, `link` shows it."""

    id = serializers.IntegerField()
    # It shadows the label that every field has, of which a serializer in no form makes use.
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    concept = serializers.CharField()
    derivation = serializers.CharField(allow_blank=True)
    site = serializers.CharField(allow_blank=True)
    value = serializers.FloatField()
    unit = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    is_verified = serializers.BooleanField()
    is_machine_made = serializers.BooleanField()
    is_chosen = serializers.BooleanField()
    change = serializers.FloatField(allow_null=True)
    earlier = EarlierValueSerializer(many=True)
    tracking_uid = serializers.CharField(allow_blank=True)
    said = serializers.CharField()
    link = serializers.CharField()


class FillView(APIView):
    guards: Guards = {"POST": WRITES}

    @extend_schema(
        summary="Fill a report in again", request=FillSerializer, responses=StudyReportSerializer,
        description="With what has come since, where fields are empty or as they were filled in; what somebody has "
        "written stays. 409 for a signed report, and for one of another revision than the one that was read.",
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        who, wanted = principal(request), FillSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        report = refill(who, pk, wanted.validated_data.get("revision"), source=SOURCE)
        access.note(who, report.study.practice_id, report.study.study_instance_uid, "a report")
        return Response(telling.report_json(who, report))


class PriorsView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="The patient's earlier studies and their signed reports, newest first", operation_id="reports_priors",
        responses=PriorSerializer(many=True), description="Those that the caller sees, 200 at most.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        who = principal(request)
        report = report_of(who, pk)
        facts = Facts(report.study, structure_of_version(report.version), who)
        priors = list(_priors(who, prior_studies(report.study, who, facts.modalities)))
        access.note_search(who, "earlier studies", ["report"], len(priors))
        return Response(PriorSerializer(priors, many=True).data)


class ReportMeasurementsView(APIView):
    guards: Guards = {"GET": READS}

    @extend_schema(
        summary="What was measured in a report's study", operation_id="reports_measurements",
        responses=ReportMeasurementSerializer(many=True),
        description="What counts, each thing once, newest first and 500 at most; with its earlier values as far as the "
        "caller sees them.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        who = principal(request)
        report = report_of(who, pk)
        chosen = frozenset(telling.content_for(who, report).measurements)
        rows = rows_of(report.study, who)[:MOST_MEASUREMENTS]
        lines = measured(rows, report.study, who)
        told = [
            _measured(report.study, row, line, is_chosen=row.pk in chosen)
            for row, line in zip(rows, lines, strict=True)
        ]
        access.note(who, report.study.practice_id, report.study.study_instance_uid, "measurements")
        # As they are: the serializer would take longer over five hundred than all the rest.
        return Response(told)


def _priors(who: Principal, priors: Sequence[Prior]) -> Iterator[dict[str, Any]]:
    """Each with its reports; of which a text is given is on record as read."""
    left = MOST_TEXTS
    for prior in priors:
        with_text = bool(prior.signatures) and left > 0
        left -= with_text
        if with_text:
            access.note(who, prior.study.practice_id, prior.study.study_instance_uid, "a report")
        yield _prior(prior, with_text=with_text)


def _prior(prior: Prior, *, with_text: bool) -> dict[str, Any]:
    study = prior.study
    document = Document.from_json(prior.signatures[0].document) if with_text else None
    return {
        "id": study.pk,
        "study_instance_uid": study.study_instance_uid,
        "date": study.study_date,
        "time": study.study_time,
        "description": study.study_description,
        "modalities": acquired(study),
        "accession_number": study.accession_number,
        "is_alike": prior.is_alike,
        "viewer_url": viewer_url(study.study_instance_uid),
        "reports": [_signed(each) for each in prior.signatures],
        "text": _text(document) if document else "",
        "language": document.language if document else "",
    }


def _text(document: Document) -> str:
    with override(document.language):
        return text_of(document, translated)


def _signed(signature: Signature) -> dict[str, Any]:
    report = signature.report
    return {
        "id": report.pk,
        "title": report.version.template.title,
        "status": report.status,
        "signed_at": signature.signed_at,
        "signed_by": signature.name,
        "html_url": f"/api/reports/{report.pk}/html",
        "pdf_url": f"/api/reports/{report.pk}/pdf",
    }


def _measured(study: Study, row: Measurement, line: Measured, *, is_chosen: bool) -> dict[str, Any]:
    told = telling.measured_json(line)
    origin = origin_of(study, row)
    return {
        **told,
        "id": row.pk,
        "label": listed((row.label or row.finding.said, told["concept"], told["derivation"])),
        "isMachineMade": row.report.is_machine_made,
        "isChosen": is_chosen,
        "said": translated(origin.said),
        "link": origin.link,
    }
