"""When archives are asked: in the evening for tomorrow, when somebody is planned for today, and at check-in."""

from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from apps.jobs.queue import enqueue
from apps.routing.prefetch import planning
from apps.routing.prefetch.models import UNFINISHED, Occasion, PrefetchSource, When
from apps.worklist.models import ScheduledStep, StepState

EVENING: Final = "prefetch-evening"


def on_step_changed(*, step: ScheduledStep, previous: StepState | None, **_: Any) -> None:
    """Somebody who is planned for today is as good as here."""
    is_news = previous is None or previous != step.state
    if is_news and step.state == StepState.SCHEDULED and step.start_date == timezone.localdate():
        planning.expect(step.practice_id, step.start_date, [step], Occasion.PLANNED)


def on_checked_in(*, step: ScheduledStep, **_: Any) -> None:
    planning.expect(step.practice_id, timezone.localdate(), [step], Occasion.CHECK_IN)


def on_minute(**_: Any) -> None:
    """See that no archive is forgotten; and in the evening have each practice's tomorrow looked at, once an hour."""
    active = PrefetchSource.objects.filter(is_active=True)
    planning.poke(active.filter(answers__outcome__in=UNFINISHED).distinct())
    now = timezone.localtime()
    if now.hour < settings.PREFETCH_HOUR or _looked_at.get("hour") == f"{now:%Y-%m-%d %H}":
        return
    _looked_at["hour"] = f"{now:%Y-%m-%d %H}"
    evening = active.exclude(when=When.CHECK_IN).order_by().values_list("practice_id", flat=True).distinct()
    for practice_id in evening:
        enqueue(EVENING, {"practice": practice_id}, practice=practice_id, key=str(practice_id))


def forget_all() -> None:
    """Forget when this process last looked at tomorrow."""
    _looked_at.clear()


# The hour in which this process has done so.
_looked_at: dict[str, str] = {}
