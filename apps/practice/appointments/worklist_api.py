"""`/api/dental/dicom/worklist`: what practice management calls when an appointment at a device is made or changed."""

from datetime import date
from typing import Any, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.accounts.rest import principal
from apps.archive.models import TEXT_LENGTH
from apps.archive.viewing import viewer_url
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.serializers import CamelCaseSerializer, camel
from apps.practice.appointments import worklist
from apps.practice.appointments.booking import FIRST, LAST
from apps.practice.appointments.choosing import lead_of, number
from apps.practice.models import Lead
from apps.worklist.api import BirthDateField, ScheduledStepSerializer, practice_of
from apps.worklist.models import ScheduledStep, Sex, StepState
from apps.worklist.models.scheduled import LONG_LENGTH, PLANNING, SHORT_LENGTH
from apps.worklist.taking import Change

SOURCE: Final = "appointment"
NEEDED: Final = ("patient_id", "patient_name")


class WorklistEntrySerializer(ScheduledStepSerializer):
    """A scheduled step, with its appointment and lead where it has them, and the viewer once images have come."""

    lead_id = serializers.IntegerField(source="appointment.lead_id", default=None, read_only=True, allow_null=True)
    appointment_id = serializers.IntegerField(source="appointment.pk", default=None, read_only=True, allow_null=True)
    viewer_url = serializers.SerializerMethodField()

    class Meta(ScheduledStepSerializer.Meta):
        fields = (*ScheduledStepSerializer.Meta.fields, "lead_id", "appointment_id", "viewer_url")

    def get_viewer_url(self, step: ScheduledStep) -> str | None:
        return viewer_url(step.study.study_instance_uid) if step.study else None


class WorklistChangesSerializer(CamelCaseSerializer):
    """What is said of an entry. With a lead, the patient's facts are the lead's."""

    lead_id = number(required=False)
    lead_external_id = serializers.CharField(
        required=False, max_length=LONG_LENGTH, help_text="In place of `leadId`: what your software calls the lead."
    )
    external_id = serializers.CharField(required=False, max_length=LONG_LENGTH)
    patient_id = serializers.CharField(required=False, max_length=LONG_LENGTH)
    patient_name = serializers.CharField(required=False, max_length=250, help_text="`Doe^Jane` or `Doe, Jane`.")
    patient_birth_date = BirthDateField(required=False, allow_null=True)
    patient_sex = serializers.ChoiceField(Sex.choices, required=False)
    modality = serializers.CharField(required=False, max_length=SHORT_LENGTH, help_text="Such as PX, IO, DX or XC.")
    station_ae_title = serializers.CharField(required=False, allow_blank=True, max_length=SHORT_LENGTH)
    scheduled_start = serializers.DateTimeField(
        required=False, validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
        help_text="By the practice's clock where no offset is given.",
    )  # fmt: skip
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONG_LENGTH)


class NewWorklistEntrySerializer(WorklistChangesSerializer):
    """An entry of the worklist: of a lead, or of a patient by name and ID.

    With `externalId`, sending it again changes the same entry.
    """

    modality = serializers.CharField(max_length=SHORT_LENGTH, help_text="Such as PX, IO, DX or XC.")
    scheduled_start = serializers.DateTimeField(
        validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
        help_text="By the practice's clock where no offset is given.",
    )  # fmt: skip
    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all(), required=False)


class ChangedWorklistEntrySerializer(WorklistChangesSerializer):
    """What is said otherwise of an entry; `state` calls it off (`cancelled`) or puts it back (`scheduled`)."""

    state = serializers.ChoiceField([StepState.SCHEDULED.value, StepState.CANCELLED.value], required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=TEXT_LENGTH)


class WorklistFilters(CamelCaseSerializer):
    practice = number(required=False)
    date = serializers.DateField(required=False)
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    station_ae_title = serializers.CharField(required=False, max_length=SHORT_LENGTH)
    modality = serializers.CharField(required=False, max_length=SHORT_LENGTH)
    state = serializers.ChoiceField(StepState.choices, required=False)
    lead_id = number(required=False)
    patient_id = serializers.CharField(required=False, max_length=LONG_LENGTH)
    external_id = serializers.CharField(required=False, max_length=LONG_LENGTH)


FILTERED: Final = {
    "date": "start_date",
    "date_from": "start_date__gte",
    "date_to": "start_date__lte",
    "station_ae_title": "station_titles__contains",
    "lead_id": "appointment__lead",
}


class WorklistView(ListAPIView[ScheduledStep]):
    guards: Guards = {"GET": Permission.VIEW, "POST": PLANNING}
    serializer_class = WorklistEntrySerializer

    def get_queryset(self) -> QuerySet[ScheduledStep]:
        given: dict[str, str | int | date] = filters(self.request, WorklistFilters)
        found = {FILTERED.get(name, name): value for name, value in given.items()}
        return _rows().visible_to(principal(self.request)).filter(**found).order_by("start_date", "start_time", "pk")

    @extend_schema(summary="The worklist, with the studies that have come", parameters=[WorklistFilters])
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(
            principal(request), "scheduled steps", asked(request, WorklistFilters), len(answer.data["results"])
        )
        return answer

    @extend_schema(
        summary="Put somebody on the worklist, or change what it says",
        request=NewWorklistEntrySerializer,
        responses={200: WorklistEntrySerializer, 201: WorklistEntrySerializer},
        description="With a lead an appointment is booked. An entry that has begun or ended is answered as it is.",
    )
    def post(self, request: Request) -> Response:
        asked = NewWorklistEntrySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry = dict(asked.validated_data)
        practice, who = entry.get("practice"), principal(request)
        if lead := lead_of(request, entry):
            taken = worklist.book(lead, entry, who, source=SOURCE)
        else:
            _check_patient(entry)
            taken = worklist.plan(practice_of(request, practice), entry, who, source=SOURCE)
        code = status.HTTP_201_CREATED if taken.change is Change.PLANNED else status.HTTP_200_OK
        return Response(WorklistEntrySerializer(_read(taken.step)).data, status=code)


class WorklistEntryView(RetrieveAPIView[ScheduledStep]):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": PLANNING}
    serializer_class = WorklistEntrySerializer

    def get_queryset(self) -> QuerySet[ScheduledStep]:
        needed = PLANNING if self.request.method == "PATCH" else Permission.VIEW
        rows: QuerySet[ScheduledStep] = _rows().visible_to(principal(self.request), needed)
        return rows

    @extend_schema(summary="One entry of the worklist")
    def get(self, request: Request, pk: int) -> Response:
        answer = self.retrieve(request, pk=pk)
        access.note_search(principal(request), "a scheduled step", ["step"], 1)
        return answer

    @extend_schema(summary="Change an entry of the worklist, or call it off", request=ChangedWorklistEntrySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        step = self.get_object()
        asked = ChangedWorklistEntrySerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        entry = dict(asked.validated_data)
        lead = lead_of(request, entry, step.practice_id)
        with transaction.atomic():
            step = _changed(step, entry, lead, principal(request))
        return Response(WorklistEntrySerializer(_read(step)).data)


def _changed(step: ScheduledStep, entry: dict[str, Any], lead: Lead | None, who: Principal) -> ScheduledStep:
    """Put back first what is to be changed, and changed first what is called off."""
    state, reason = entry.pop("state", None), entry.pop("reason", "")
    if state == StepState.SCHEDULED:
        step = worklist.reopen(step, who, source=SOURCE)
    if entry or lead:
        step = worklist.change(step, entry, lead, who, source=SOURCE)
    return worklist.cancel(step, who, reason, source=SOURCE) if state == StepState.CANCELLED else step


def _check_patient(entry: dict[str, Any]) -> None:
    """Raises ValidationError for an entry of nobody."""
    missing = [name for name in NEEDED if not entry.get(name)]
    if missing:
        raise serializers.ValidationError({camel(name): [gettext("Say this, or leadId.")] for name in missing})


def _rows() -> Any:
    return ScheduledStep.objects.select_related("study", "appointment").defer("item", "study__found")


def _read(step: ScheduledStep) -> ScheduledStep:
    """As it is now, with all that is shown of it."""
    found: ScheduledStep = _rows().get(pk=step.pk)
    return found
