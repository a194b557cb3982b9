"""Steps that nobody came for."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import Practice
from apps.accounts.principal import Principal
from apps.audit.models import Event
from apps.core.errors import Conflict
from apps.worklist import expiry, scheduling
from apps.worklist.checking_in import check_in
from apps.worklist.events import checked_in
from apps.worklist.models import ScheduledStep, StepState
from tests.worklist.arriving import plan


def overdue(practice: Practice, days: int) -> ScheduledStep:
    return plan(practice, start_date=timezone.localdate() - timedelta(days=days))


def states() -> list[str]:
    expiry.expire_overdue()
    return list(ScheduledStep.objects.order_by("pk").values_list("state", flat=True))


def test_a_scheduled_step_expires_some_days_after_its_own(practice: Practice, settings: Settings) -> None:
    for days in (settings.STEP_EXPIRES_DAYS, settings.STEP_EXPIRES_DAYS + 1):
        overdue(practice, days)
    assert states() == [StepState.SCHEDULED, StepState.EXPIRED]
    assert Event.objects.filter(action=Event.Action.SCHEDULE, actor="worklist", source="expiry").count() == 1


def test_a_step_in_progress_is_given_longer(practice: Practice, settings: Settings) -> None:
    by = Principal.worker(practice.pk)
    for days in (settings.STEP_IN_PROGRESS_DAYS - 1, settings.STEP_IN_PROGRESS_DAYS + 1):
        scheduling.start(overdue(practice, 30), by, when=timezone.now() - timedelta(days=days))
    assert states() == [StepState.IN_PROGRESS, StepState.EXPIRED]


def test_a_site_may_let_none_expire(practice: Practice, settings: Settings) -> None:
    settings.STEP_EXPIRES_DAYS = settings.STEP_IN_PROGRESS_DAYS = 0
    overdue(practice, 400)
    assert states() == [StepState.SCHEDULED]


def test_an_expired_step_may_be_opened_again(practice: Practice) -> None:
    step = overdue(practice, 30)
    expiry.expire_overdue()
    assert scheduling.reopen(step, Principal.worker(practice.pk)).state == StepState.SCHEDULED


def test_a_patient_comes_once(practice: Practice, django_capture_on_commit_callbacks: object) -> None:
    told: list[ScheduledStep] = []

    def listen(*, step: ScheduledStep, **_: object) -> None:
        told.append(step)

    checked_in.connect(listen)
    step, by = plan(practice), Principal.worker(practice.pk)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = check_in(step, by, source="tests").checked_in_at
        assert check_in(step, by, source="tests").checked_in_at == first
    checked_in.disconnect(listen)
    assert told == [step]


def test_nobody_checks_in_for_what_has_ended(practice: Practice) -> None:
    by = Principal.worker(practice.pk)
    step = scheduling.cancel(plan(practice), by)
    with pytest.raises(Conflict, match="Cancelled"):
        check_in(step, by, source="tests")
