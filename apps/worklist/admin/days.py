"""The page of a day: a column for each device or room, with the steps at their times."""

from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import GuardedAdmin, guarded, practices_of, principal
from apps.audit import access
from apps.worklist.admin.day import timetable
from apps.worklist.models import ScheduledStep, StepState
from apps.worklist.models.scheduled import PLANNING
from apps.worklist.wording import devices

# Of one day, on one page.
MOST_STEPS: Final = 1000
ONE_DAY: Final = timedelta(days=1)


class DayPages(GuardedAdmin):
    """Mixed into the admin of steps."""

    def get_urls(self) -> list[URLPattern]:
        day = self.admin_site.admin_view(self.day_view)
        return [path("day/", day, name="worklist_scheduledstep_day"), *super().get_urls()]

    @guarded({"GET": Permission.VIEW})
    def day_view(self, request: HttpRequest) -> HttpResponse:
        """The steps of `?date=2024-01-31`, without one of today, and of `?practice=` where there are several."""
        day = _day(request.GET.get("date", ""))
        practices = list(practices_of(request).filter(pk__in=_visible(request)))
        practice = next((one for one in practices if str(one.pk) == request.GET.get("practice")), None)
        own = next((one for one in practices if one.pk == principal(request).practice_id), None)
        chosen = practice or own or (practices[0] if practices else None)
        mine = ScheduledStep.objects.visible_to(principal(request)).filter(practice=chosen, start_date=day)
        steps = list(mine.defer("item", "attributes").order_by("start_time", "pk")[:MOST_STEPS]) if chosen else []
        access.note_search(principal(request), "a day's scheduled steps", ["start_date"], len(steps))
        is_today = day == timezone.localdate()
        context: dict[str, Any] = {
            "title": f"{date_format(day, 'l')}, {date_format(day)}",
            "day": day,
            "previous": day - ONE_DAY,
            "next": day + ONE_DAY,
            "is_today": is_today,
            "practice": chosen,
            "practices": practices,
            "may_plan": bool(chosen and principal(request).may_in_all_of(PLANNING, chosen.pk)),
            "states": [state for state in StepState if any(step.state == state for step in steps)],
            "count": len(steps),
            "table": timetable(
                steps, devices([chosen.pk]) if chosen else {}, timezone.localtime() if is_today else None
            ),
        }
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, "admin/worklist/day.html", known)


def _visible(request: HttpRequest) -> Any:
    """The practices that the person sees whole."""
    whole = principal(request).whole(Permission.VIEW)
    return practices_of(request).values_list("pk", flat=True) if whole is None else whole


def _day(text: str) -> date:
    """The day that the address names; today where it names none that a calendar has on either side."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()
    return day if date.min + ONE_DAY <= day <= date.max - ONE_DAY else timezone.localdate()
