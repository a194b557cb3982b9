"""Scheduled steps in the REST API: listed, planned, changed, moved on, and brought in from other systems."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.audit import access
from apps.core.bodies import BoundedJSONParser
from apps.core.errors import Invalid, TooLarge
from apps.core.filters import asked, filters
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.saying import say
from apps.worklist import importing, scheduling
from apps.worklist.models import Priority, ScheduledStep, Sex, StepState
from apps.worklist.models.scheduled import LONG_LENGTH, PLANNING, SHORT_LENGTH
from apps.worklist.scheduling import Planned
from apps.worklist.taking import Change
from apps.worklist.wording import day_of, pn_of

SOURCE: Final = "API"
PLANNED: Final = (
    "patient_id", "issuer", "patient_name", "patient_birth_date", "patient_sex", "modality", "station_titles",
    "station_name", "location", "start_date", "start_time", "minutes", "performing_physician", "referring_physician",
    "description", "requested_description", "priority", "step_id", "requested_procedure_id", "accession_number",
    "study_instance_uid", "external_id", "attributes",
)  # fmt: skip


class BirthDateField(serializers.DateField):
    """A date, ISO outside and DA (PS3.5 6.2) inside; null for one that is not known."""

    def to_internal_value(self, value: Any) -> Any:
        return f"{super().to_internal_value(value):%Y%m%d}"

    def to_representation(self, value: Any) -> Any:
        day = day_of(value)
        return day.isoformat() if day else None

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return "" if data in ("", None) else super().run_validation(data)


class ScheduledStepSerializer(CamelCaseModelSerializer):
    """A scheduled step. Names are as in DICOM (`Doe^Jane`).

    `stationTitles` are AE titles with a backslash between them; without one, any device gets the step. `attributes` are
    further ones in DICOM JSON. `studyInstanceUid`, `accessionNumber` and `stepId` are made where they are not given.
    """

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    study = serializers.CharField(
        source="study.study_instance_uid", default=None, read_only=True, allow_null=True,
        help_text="The study that was made of it, once that has come.",
    )  # fmt: skip
    attributes = serializers.DictField(required=False)
    patient_birth_date = BirthDateField(required=False, allow_null=True)
    patient_sex = serializers.ChoiceField(Sex.choices, required=False, allow_blank=True)
    priority = serializers.ChoiceField(Priority.choices, required=False)

    class Meta:
        model = ScheduledStep
        fields: tuple[str, ...] = (
            "id", "practice", "state", *PLANNED, "study", "linked_by", "source", "reason", "created_at", "changed_at",
            "checked_in_at", "started_at", "ended_at",
        )  # fmt: skip
        read_only_fields = (
            "id", "state", "linked_by", "source", "reason", "created_at", "changed_at", "checked_in_at", "started_at",
            "ended_at",
        )  # fmt: skip
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()

    def validate_patient_name(self, name: str) -> str:
        return name if "^" in name or "=" in name else pn_of(name)


class NewScheduledStepSerializer(ScheduledStepSerializer):
    """A step of a practice; without `practice`, of the active one."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all(), required=False)


class StepFilters(CamelCaseSerializer):
    practice = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(StepState.choices, required=False)
    modality = serializers.CharField(required=False, max_length=SHORT_LENGTH)
    station_title = serializers.CharField(required=False, max_length=SHORT_LENGTH, help_text="AE title.")
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    patient_id = serializers.CharField(required=False, max_length=LONG_LENGTH)
    accession_number = serializers.CharField(required=False, max_length=SHORT_LENGTH)
    external_id = serializers.CharField(required=False, max_length=LONG_LENGTH)


class StepReasonSerializer(CamelCaseSerializer):
    reason = serializers.CharField(default="", allow_blank=True, max_length=250)


class ChosenPractice(CamelCaseSerializer):
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all(), required=False)


class ImportedSerializer(CamelCaseSerializer):
    """What became of the steps of a file; `wrong` has the first hundred that failed."""

    planned = serializers.IntegerField()
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="Left as they are, since they have begun or ended.")
    failed = serializers.IntegerField()
    wrong = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class StepsView(ListAPIView[ScheduledStep]):
    guards: Guards = {"GET": Permission.VIEW, "POST": PLANNING}
    serializer_class = ScheduledStepSerializer

    def get_queryset(self) -> QuerySet[ScheduledStep]:
        given = filters(self.request, StepFilters)
        renamed = {"date_from": "start_date__gte", "date_to": "start_date__lte",
                   "station_title": "station_titles__contains"}  # fmt: skip
        found = {renamed.get(name, name): value for name, value in given.items()}
        rows = ScheduledStep.objects.visible_to(principal(self.request)).select_related("study").defer("item")
        return rows.filter(**found).order_by("start_date", "start_time", "pk")

    @extend_schema(summary="Scheduled steps, in order of their start", parameters=[StepFilters])
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(
            principal(request), "scheduled steps", asked(request, StepFilters), len(answer.data["results"])
        )
        return answer

    @extend_schema(summary="Plan a step", request=NewScheduledStepSerializer, responses={201: ScheduledStepSerializer})
    def post(self, request: Request) -> Response:
        asked = NewScheduledStepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        practice_id = practice_of(request, facts.pop("practice", None))
        step = scheduling.schedule(practice_id, Planned(**facts), principal(request), source=SOURCE)
        return Response(ScheduledStepSerializer(step).data, status=status.HTTP_201_CREATED)


class StepView(RetrieveAPIView[ScheduledStep]):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": PLANNING}
    serializer_class = ScheduledStepSerializer

    def get_queryset(self) -> QuerySet[ScheduledStep]:
        needed = PLANNING if self.request.method == "PATCH" else Permission.VIEW
        return ScheduledStep.objects.visible_to(principal(self.request), needed).select_related("study")

    @extend_schema(summary="One scheduled step")
    def get(self, request: Request, pk: int) -> Response:
        answer = self.retrieve(request, pk=pk)
        access.note_search(principal(request), "a scheduled step", ["step"], 1)
        return answer

    @extend_schema(summary="Plan a step otherwise", request=ScheduledStepSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        step = self.get_object()
        asked = ScheduledStepSerializer(step, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        planned = replace(Planned.of(step), **asked.validated_data)
        changed = scheduling.change(step, planned, principal(request), source=SOURCE)
        return Response(ScheduledStepSerializer(changed).data)


class MoveStepView(GenericAPIView[ScheduledStep]):
    """Its step is brought into another state by `move`."""

    guards: Guards = {"POST": PLANNING}
    serializer_class = ScheduledStepSerializer
    move: Callable[..., ScheduledStep]

    def get_queryset(self) -> QuerySet[ScheduledStep]:
        return ScheduledStep.objects.visible_to(principal(self.request), PLANNING)

    def moved(self, request: Request, **facts: str) -> Response:
        step = type(self).move(self.get_object(), principal(request), source=SOURCE, **facts)
        return Response(ScheduledStepSerializer(step).data)


class _ReasonedMoveView(MoveStepView):
    def reasoned(self, request: Request) -> Response:
        asked = StepReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self.moved(request, reason=asked.validated_data["reason"])


class CancelStepView(_ReasonedMoveView):
    move = staticmethod(scheduling.cancel)

    @extend_schema(summary="Cancel a scheduled step", request=StepReasonSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.reasoned(request)


class DiscontinueStepView(_ReasonedMoveView):
    move = staticmethod(scheduling.discontinue)

    @extend_schema(summary="Say that a step was given up", request=StepReasonSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return self.reasoned(request)


class ReopenStepView(MoveStepView):
    move = staticmethod(scheduling.reopen)

    @extend_schema(summary="Put a cancelled or expired step on the worklists again", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


class StartStepView(MoveStepView):
    move = staticmethod(scheduling.start)

    @extend_schema(summary="Say that a step has begun", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


class CompleteStepView(MoveStepView):
    move = staticmethod(scheduling.complete)

    @extend_schema(summary="Say that a step has been done", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


class ImportStepsView(GenericAPIView[ScheduledStep]):
    guards: Guards = {"POST": PLANNING}
    serializer_class = ImportedSerializer
    parser_classes = (MultiPartParser, BoundedJSONParser)

    @extend_schema(
        summary="Bring in a CSV table or a DICOM worklist file",
        request={"multipart/form-data": {"type": "object", "properties": {
            "file": {"type": "string", "format": "binary"}, "practice": {"type": "integer"}}, "required": ["file"]}},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid(say("Send the table or the worklist file as the part `file` of a multipart form."))
        if upload.size is None or upload.size > importing.MAX_BYTES:
            raise TooLarge(
                say(
                    "A worklist file has at most {max_bytes} MiB. Give it in parts.",
                    max_bytes=importing.MAX_BYTES >> 20,
                )
            )
        asked = ChosenPractice(data={name: request.POST[name] for name in ("practice",) if request.POST.get(name)})
        asked.is_valid(raise_exception=True)
        source = importing.Source(upload.name or "the file", content=upload.read())
        report = importing.bring(
            practice_of(request, asked.validated_data.get("practice")), [source], principal(request), source=SOURCE
        )
        counts = {change.name.lower(): report.counts[change] for change in Change}
        wrong = [{"where": where, "error": error} for where, error in report.errors]
        return Response({**counts, "failed": report.failed, "wrong": wrong})


def practice_of(request: Request, chosen: Practice | None) -> int:
    """The practice that was named, else the active one. Raises Invalid for who has none."""
    practice_id = chosen.pk if chosen else principal(request).practice_id
    if practice_id is None:
        raise Invalid(say("Say the practice."))
    return int(practice_id)
