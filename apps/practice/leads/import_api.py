"""Tables of leads in the REST API: looked at row by row, and taken, at once or as a job."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.rest import principal
from apps.core.errors import Invalid, TooLarge
from apps.core.languages import translated
from apps.core.serializers import CamelCaseSerializer, camel
from apps.practice.leads.api import SOURCE, practice_of
from apps.practice.leads.importing import columns
from apps.practice.leads.importing.bringing import MAX_BYTES, Line, Report, Table, bring
from apps.practice.leads.importing.cells import DateOrder
from apps.practice.leads.importing.requests import ask, plan_of, told
from apps.practice.leads.serializers import LARGEST, FieldErrorSerializer
from apps.practice.models import Lead
from apps.practice.models.leads import KEEPING
from apps.saying import say

FORM: Final[dict[str, Any]] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "CSV: UTF-8, UTF-16 or Windows-1252."},
            "practice": {"type": "integer", "description": "Without it, the active one."},
            "preview": {"type": "boolean", "description": "true: say what would become of each row, and save nothing."},
            "columns": {
                "type": "string",
                "description": "What each column says, with commas between and nothing for one to leave out: "
                f"{', '.join(map(camel, columns.TARGETS))}. Left out: guessed from their names.",
            },
            "dateOrder": {"type": "string", "enum": [order.value for order in DateOrder]},
        },
        "required": ["file"],
    }
}


class TableAskedSerializer(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    preview = serializers.BooleanField(default=False)
    columns = serializers.CharField(default="", allow_blank=True, max_length=4000)
    date_order = serializers.ChoiceField([order.value for order in DateOrder], default="", allow_blank=True)


class TableRowSerializer(CamelCaseSerializer):
    """What would become of a row."""

    line = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    outcome = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    changed_fields = serializers.ListField(child=serializers.CharField())
    errors_ = FieldErrorSerializer(many=True)


class WrongRowSerializer(CamelCaseSerializer):
    line = serializers.IntegerField()
    field = serializers.CharField()
    detail = serializers.CharField()


class TableSerializer(CamelCaseSerializer):
    """What became of the rows, counted. `rows` are those of a preview; `jobId` is the job that takes a long table."""

    created = serializers.IntegerField(required=False)
    changed = serializers.IntegerField(required=False)
    same = serializers.IntegerField(required=False)
    wrong = serializers.IntegerField(required=False)
    wrong_rows = WrongRowSerializer(many=True, required=False, help_text="The first hundred.")
    columns = serializers.ListField(child=serializers.CharField(allow_blank=True))
    date_order = serializers.CharField()
    rows = TableRowSerializer(many=True, required=False)
    job_id = serializers.IntegerField(required=False)


class ImportLeadsView(GenericAPIView[Lead]):
    guards: Guards = {"POST": KEEPING}
    serializer_class = TableSerializer
    parser_classes = (MultiPartParser,)
    pagination_class = None

    @extend_schema(
        summary="Bring in leads from a table (CSV), or see what it would come to",
        request=FORM, responses={200: TableSerializer, 202: TableSerializer},
        description="Each row stands or falls by itself. A table of more than 1,000 rows is taken by a job (202).",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = TableAskedSerializer(data={name: request.POST[name] for name in request.POST})
        asked.is_valid(raise_exception=True)
        given, who, data = asked.validated_data, principal(request), _file(request)
        practice_id = practice_of(request, given.get("practice"))
        table = Table.read(data)
        plan = plan_of(_inside(given["columns"]), given["date_order"], table)
        said = {"columns": list(map(camel, plan.targets)), "dateOrder": plan.order.value}
        if given["preview"]:
            report = bring(who, practice_id, table, plan, source=SOURCE, is_preview=True)
            return Response({**told(report), **said, "rows": _rows(report)})
        done = ask(who, practice_id, data, plan, source=SOURCE)
        if done.report:
            return Response({**told(done.report), **said})
        return Response({**said, "jobId": done.job.pk if done.job else None}, status=status.HTTP_202_ACCEPTED)


def _file(request: Request) -> bytes:
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid(
            say("Send the table as the part `file` of a multipart form."), [("file", say("Send a table (CSV)."))]
        )
    if upload.size is None or upload.size > MAX_BYTES:
        raise TooLarge(say("A table has at most {max_bytes} MiB. Give it in parts.", max_bytes=MAX_BYTES >> 20))
    return bytes(upload.read())


def _inside(said: str) -> str:
    """The columns by their names inside; what is none stays, and is refused as that."""
    names = {camel(target): target for target in columns.TARGETS}
    return ",".join(names.get(name.strip(), name.strip()) for name in said.split(",")) if said else ""


def _rows(report: Report) -> list[dict[str, Any]]:
    return [_row(line) for line in report.lines]


def _row(line: Line) -> dict[str, Any]:
    taken = line.taken
    return {
        "line": line.number,
        "name": line.name,
        "outcome": taken.change.value,
        "id": taken.lead.pk if taken.lead else None,
        "changedFields": list(map(camel, taken.fields)),
        "errors": [{"field": field, "detail": translated(detail)} for field, detail in taken.errors],
    }
