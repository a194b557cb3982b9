"""What a video may be of now: the steps and appointments of these days."""

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import principal
from apps.practice.models import Appointment
from apps.practice.models.appointments import AppointmentState
from apps.worklist.models import ScheduledStep, StepState

# Days before and after today whose steps and appointments are offered, and how many at most.
BEFORE: Final = 7
AFTER: Final = 1
MOST: Final = 100
LONGEST_NUMBER: Final = 18


def chosen_step(request: HttpRequest) -> int | None:
    """The step that the address names (`?step=`)."""
    text = request.GET.get("step", "")
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def steps(request: HttpRequest) -> list[ScheduledStep]:
    """The steps for which a video may come in now: of these days, and the one that the address names."""
    who, today = principal(request), timezone.localdate()
    ours = ScheduledStep.objects.visible_to(who, Permission.UPLOAD).filter(practice=who.practice_id)
    near = ours.filter(start_date__range=(today - timedelta(BEFORE), today + timedelta(AFTER)))
    rows = near.exclude(state__in=(StepState.CANCELLED, StepState.EXPIRED)).defer("item", "attributes")
    chosen = chosen_step(request)
    named = ours.filter(pk=chosen).defer("item", "attributes") if chosen else ()
    found = {step.pk: step for step in (*named, *rows.order_by("-start_date", "start_time")[:MOST])}
    return list(found.values())


def appointments(request: HttpRequest) -> QuerySet[Appointment]:
    """Those of these days that no device is told of: the others are among the steps."""
    who, now = principal(request), timezone.now()
    ours = Appointment.objects.visible_to(who, Permission.UPLOAD).filter(practice=who.practice_id, step=None)
    near = ours.filter(start_at__range=(now - timedelta(BEFORE), now + timedelta(AFTER)))
    left = near.exclude(state__in=(AppointmentState.CANCELLED, AppointmentState.NO_SHOW))
    return left.select_related("lead").order_by("-start_at")[:MOST]
