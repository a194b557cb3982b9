"""Whose priors are wanted, and which archives are asked for them: a row for each patient and day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from apps.jobs.queue import enqueue
from apps.routing.prefetch.choosing import words_of
from apps.routing.prefetch.models import (
    TEXT_LENGTH,
    UNFINISHED,
    Occasion,
    Outcome,
    Prefetch,
    PrefetchAnswer,
    PrefetchSource,
    When,
)
from apps.worklist.models import ScheduledStep, StepState

KIND: Final = "prefetch-source"
MOST_STEPS: Final = 1000
_ASKED_AT: Final = {
    Occasion.EVENING: (When.EVENING, When.BOTH),
    Occasion.PLANNED: (When.CHECK_IN, When.BOTH),
    Occasion.CHECK_IN: (When.CHECK_IN, When.BOTH),
    Occasion.HAND: tuple(When),
}
_URGENT: Final = frozenset({Occasion.CHECK_IN, Occasion.HAND})

Person = tuple[str, str]


def expect_tomorrow(practice_id: int) -> int:
    """Want the priors of all who are planned for tomorrow; returns for how many patients archives are asked.

    Doing it again asks nothing again.
    """
    day = timezone.localdate() + timedelta(days=1)
    steps = ScheduledStep.objects.filter(practice=practice_id, state=StepState.SCHEDULED, start_date=day)
    return expect(practice_id, day, steps.order_by("start_time", "pk")[:MOST_STEPS], Occasion.EVENING)


def expect(practice_id: int, day: date, steps: Iterable[ScheduledStep], occasion: Occasion) -> int:
    """Want the priors of the patients of these steps; returns for how many patients archives are asked."""
    sources = sources_of(practice_id, occasion)
    by_person: dict[Person, list[ScheduledStep]] = {}
    for step in steps if sources else ():
        by_person.setdefault((step.patient_id, step.issuer), []).append(step)
    asked = [_expect_one(practice_id, day, own, sources, occasion) for own in by_person.values()]
    if any(asked):
        poke(sources)
    return sum(asked)


def again(prefetch: Prefetch) -> int:
    """Ask the archives once more, however lately they were asked; returns how many."""
    sources = sources_of(prefetch.practice_id, Occasion.HAND)
    with transaction.atomic():
        asked = sum(_want(prefetch, source, Occasion.HAND) for source in sources)
        poke(sources)
    return asked


def sources_of(practice_id: int, occasion: Occasion) -> list[PrefetchSource]:
    """The practice's archives that are asked then, those that go first first."""
    rows = PrefetchSource.objects.filter(practice=practice_id, is_active=True, remote__is_active=True)
    return list(rows.filter(when__in=_ASKED_AT[occasion]).order_by("position", "pk"))


def poke(sources: Iterable[PrefetchSource]) -> None:
    """Have a job go on with what is wanted of these archives: one for each, so that a slow one holds up none."""
    for source in sources:
        enqueue(KIND, {"source": source.pk}, practice=source.practice_id, key=str(source.pk))


def _expect_one(
    practice_id: int, day: date, steps: Sequence[ScheduledStep], sources: Sequence[PrefetchSource], occasion: Occasion
) -> bool:
    first = steps[0]
    whose = {"practice_id": practice_id, "patient_id": first.patient_id, "issuer": first.issuer}
    fresh = [source for source in sources if not _is_asked_today(whose, day, source)]
    if not fresh:
        return False
    with transaction.atomic():
        prefetch, _ = Prefetch.objects.update_or_create(
            **whose, day=day, defaults=_facts(steps), create_defaults={**_facts(steps), "occasion": occasion}
        )
        return sum(_want(prefetch, source, occasion) for source in fresh) > 0


def _facts(steps: Sequence[ScheduledStep]) -> dict[str, object]:
    """What is known of the patient, and what is planned for them."""
    first = steps[0]
    words = words_of(*(text for step in steps for text in (step.description, step.requested_description)))
    return {
        "patient_name": first.patient_name,
        "patient_birth_date": first.patient_birth_date,
        "step": first,
        "modalities": " ".join(sorted({step.modality for step in steps if step.modality}))[:TEXT_LENGTH],
        "words": " ".join(sorted(words))[:TEXT_LENGTH],
    }


def _is_asked_today(whose: dict[str, object], day: date, source: PrefetchSource) -> bool:
    """Whether the archive was asked today for the same patient's appointment on another day."""
    same = {f"prefetch__{name}": value for name, value in whose.items()}
    answers = PrefetchAnswer.objects.filter(**same, source=source, asked_at__gte=_midnight())
    return answers.exclude(prefetch__day=day).exclude(outcome=Outcome.FAILED).exists()


def _want(prefetch: Prefetch, source: PrefetchSource, occasion: Occasion) -> bool:
    """Have the archive asked, unless it was today; by hand in any case. Returns whether it is to be asked."""
    answer, is_new = PrefetchAnswer.objects.get_or_create(
        prefetch=prefetch, source=source, defaults={"is_urgent": occasion in _URGENT}
    )
    if is_new:
        return True
    mine = PrefetchAnswer.objects.filter(pk=answer.pk)
    if answer.outcome in UNFINISHED:
        if occasion in _URGENT:
            mine.update(is_urgent=True, not_before=timezone.now())
        return answer.outcome == Outcome.WAITING
    if occasion != Occasion.HAND and answer.asked_at is not None and answer.asked_at >= _midnight():
        return False
    mine.update(
        outcome=Outcome.WAITING, is_urgent=occasion in _URGENT, not_before=timezone.now(), attempts=0, detail="",
    )  # fmt: skip
    return True


def _midnight() -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
