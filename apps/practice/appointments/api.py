"""Appointments in the REST API: listed, booked (again, by their ID elsewhere), changed, moved on and deleted."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.guards import Guards
from apps.accounts.models import Practice
from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.archive.models import TEXT_LENGTH, Study
from apps.archive.viewing import viewer_url
from apps.audit import access
from apps.core.filters import asked, filters
from apps.core.languages import translated
from apps.core.serializers import CamelCaseModelSerializer, CamelCaseSerializer
from apps.practice.appointments import booking, moving
from apps.practice.appointments.choosing import lead_of, number
from apps.practice.appointments.remarks import remarks
from apps.practice.models import Appointment, AppointmentState
from apps.worklist.models import ScheduledStep
from apps.worklist.models.scheduled import LONG_LENGTH, PLANNING, SHORT_LENGTH

SOURCE: Final = "API"
SAID: Final = (
    "external_id", "start_at", "minutes", "practitioner", "location", "description", "modality", "station_title",
)  # fmt: skip


class AppointmentStepSerializer(CamelCaseModelSerializer):
    """What the devices are told of an appointment."""

    class Meta:
        model = ScheduledStep
        fields: tuple[str, ...] = ("id", "state", "step_id", "accession_number", "study_instance_uid")
        read_only_fields = fields


class AppointmentStudySerializer(CamelCaseModelSerializer):
    """The study that came of an appointment."""

    viewer_url = serializers.SerializerMethodField()

    class Meta:
        model = Study
        fields: tuple[str, ...] = ("study_instance_uid", "instance_count", "received_at", "viewer_url")
        read_only_fields = fields

    def get_viewer_url(self, study: Study) -> str:
        return viewer_url(study.study_instance_uid)


class AppointmentSerializer(CamelCaseModelSerializer):
    """An appointment of a lead; `step` is what the devices are told, `study` what has come of it."""

    practice: "serializers.PrimaryKeyRelatedField[Any]" = serializers.PrimaryKeyRelatedField(read_only=True)
    lead_id = serializers.IntegerField(read_only=True)
    step = AppointmentStepSerializer(read_only=True, allow_null=True)
    study = AppointmentStudySerializer(source="step.study", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Appointment
        fields: tuple[str, ...] = (
            "id", "practice", "lead_id", "state", *SAID, "reason", "source", "version", "created_at", "changed_at",
            "step", "study",
        )  # fmt: skip
        read_only_fields = fields


class RemarkedAppointmentSerializer(AppointmentSerializer):
    """An appointment, with what may be a mistake about it in `remarks`."""

    remarks = serializers.SerializerMethodField()

    class Meta(AppointmentSerializer.Meta):
        fields = (*AppointmentSerializer.Meta.fields, "remarks")
        read_only_fields = fields

    def get_remarks(self, appointment: Appointment) -> list[str]:
        return [translated(remark) for remark in remarks(appointment)]


class AppointmentChangesSerializer(CamelCaseModelSerializer):
    """What is said of an appointment. With a `modality` it is on the worklists, of one device with `stationTitle`."""

    lead_id = number(required=False)
    lead_external_id = serializers.CharField(
        required=False, max_length=LONG_LENGTH, help_text="In place of `leadId`: what your software calls the lead."
    )

    class Meta:
        model = Appointment
        fields: tuple[str, ...] = ("lead_id", "lead_external_id", *SAID)
        # The model's own rules say it better, and the service asks them.
        validators: tuple[Any, ...] = ()


class NewAppointmentSerializer(AppointmentChangesSerializer):
    """An appointment of a lead. With `externalId`, sending it again changes the same one."""

    practice = serializers.PrimaryKeyRelatedField(queryset=Practice.objects.all(), required=False)

    class Meta(AppointmentChangesSerializer.Meta):
        fields = (*AppointmentChangesSerializer.Meta.fields, "practice")


class AppointmentFilters(CamelCaseSerializer):
    practice = number(required=False)
    lead_id = number(required=False)
    external_id = serializers.CharField(required=False, max_length=LONG_LENGTH)
    state = serializers.ChoiceField(AppointmentState.choices, required=False)
    modality = serializers.CharField(required=False, max_length=SHORT_LENGTH)
    station = serializers.CharField(required=False, max_length=SHORT_LENGTH, help_text="AE title.")
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)


class AppointmentReasonSerializer(CamelCaseSerializer):
    reason = serializers.CharField(default="", allow_blank=True, max_length=TEXT_LENGTH)


class AppointmentsView(ListAPIView[Appointment]):
    guards: Guards = {"GET": Permission.VIEW, "POST": PLANNING}
    serializer_class = AppointmentSerializer

    def get_queryset(self) -> QuerySet[Appointment]:
        given = filters(self.request, AppointmentFilters)
        return rows().visible_to(principal(self.request)).filter(**_wanted(given)).order_by("start_at", "pk")

    @extend_schema(summary="Appointments, in order of their start", parameters=[AppointmentFilters])
    def get(self, request: Request) -> Response:
        answer = self.list(request)
        access.note_search(
            principal(request), "appointments", asked(request, AppointmentFilters), len(answer.data["results"])
        )
        return answer

    @extend_schema(
        summary="Book an appointment, or change it",
        request=NewAppointmentSerializer,
        responses={200: RemarkedAppointmentSerializer, 201: RemarkedAppointmentSerializer},
        description="With an `externalId` that is known the appointment is changed: what isn't said of it stays.",
    )
    def post(self, request: Request) -> Response:
        asked = NewAppointmentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        lead = lead_of(request, facts)
        if lead is None:
            raise serializers.ValidationError(
                {"leadId": [gettext("Say whose appointment it is: leadId or leadExternalId.")]}
            )
        taken = booking.take(lead.practice_id, facts | {"lead": lead}, principal(request), source=SOURCE)
        code = status.HTTP_201_CREATED if taken.is_new else status.HTTP_200_OK
        return Response(RemarkedAppointmentSerializer(_read(taken.appointment)).data, status=code)


class AppointmentView(RetrieveAPIView[Appointment]):
    guards: Guards = {"GET": Permission.VIEW, "PATCH": PLANNING, "DELETE": PLANNING}
    serializer_class = RemarkedAppointmentSerializer

    def get_queryset(self) -> QuerySet[Appointment]:
        needed = Permission.VIEW if self.request.method in ("GET", "HEAD") else PLANNING
        return rows().visible_to(principal(self.request), needed)

    @extend_schema(summary="One appointment")
    def get(self, request: Request, pk: int) -> Response:
        answer = self.retrieve(request, pk=pk)
        access.note_search(principal(request), "an appointment", ["appointment"], 1)
        return answer

    @extend_schema(summary="Change an appointment", request=AppointmentChangesSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        appointment = self.get_object()
        asked = AppointmentChangesSerializer(appointment, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        facts = dict(asked.validated_data)
        if lead := lead_of(request, facts, appointment.practice_id):
            facts["lead"] = lead
        changed = booking.change(appointment, facts, principal(request), source=SOURCE)
        return Response(RemarkedAppointmentSerializer(_read(changed)).data)

    @extend_schema(
        summary="Delete an appointment that nothing came of", responses={204: None},
        description="Its entry on the worklists is cancelled. One that was called off is better cancelled.",
    )  # fmt: skip
    def delete(self, request: Request, pk: int) -> Response:
        booking.remove(self.get_object(), principal(request), source=SOURCE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class _MoveView(GenericAPIView[Appointment]):
    """Its appointment is brought into another state by `move`."""

    guards: Guards = {"POST": PLANNING}
    serializer_class = RemarkedAppointmentSerializer
    move: Callable[..., Appointment]

    def get_queryset(self) -> QuerySet[Appointment]:
        return rows().visible_to(principal(self.request), PLANNING)

    def moved(self, request: Request, **facts: str) -> Response:
        moved = type(self).move(self.get_object(), principal(request), source=SOURCE, **facts)
        return Response(RemarkedAppointmentSerializer(_read(moved)).data)


class ArriveView(_MoveView):
    move = staticmethod(moving.arrive)

    @extend_schema(summary="Say that the lead is here", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


class FulfilView(_MoveView):
    move = staticmethod(moving.fulfil)

    @extend_schema(summary="Say that an appointment is done", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


class CancelAppointmentView(_MoveView):
    move = staticmethod(moving.cancel)

    @extend_schema(summary="Cancel an appointment", request=AppointmentReasonSerializer)
    def post(self, request: Request, pk: int) -> Response:
        asked = AppointmentReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self.moved(request, reason=asked.validated_data["reason"])


class NoShowView(_MoveView):
    move = staticmethod(moving.no_show)

    @extend_schema(summary="Say that the lead did not come", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


class ReopenAppointmentView(_MoveView):
    move = staticmethod(moving.reopen)

    @extend_schema(summary="Book a cancelled or missed appointment again", request=None)
    def post(self, request: Request, pk: int) -> Response:
        return self.moved(request)


def rows() -> Any:
    """Appointments with what is shown of them, in one query."""
    heavy = ("step__item", "step__attributes", "step__study__found")
    return Appointment.objects.select_related("lead", "step__study").defer(*heavy)


def _read(appointment: Appointment) -> Appointment:
    """As it is now, with all that is shown of it."""
    found: Appointment = rows().get(pk=appointment.pk)
    return found


def _wanted(given: dict[str, Any]) -> dict[str, Any]:
    renamed = {"station": "station_title"}
    wanted = {renamed.get(name, name): value for name, value in given.items() if not name.startswith("date_")}
    if first := given.get("date_from"):
        wanted["start_at__gte"] = _moment(first, time.min)
    if last := given.get("date_to"):
        wanted["start_at__lte"] = _moment(last, time.max)
    return wanted


def _moment(day: date, at: time) -> datetime:
    """A moment of the practice's day, within what a calendar on either side of UTC has."""
    day = min(max(day, booking.FIRST.date()), booking.LAST.date())
    return datetime.combine(day, at, get_current_timezone())
