"""The report that a practice's operator wants: what came, how long it took, what failed, and what is kept."""

from typing import Final

from django.core.cache import cache
from django.utils import timezone

from apps.practice.performance import counting, timing
from apps.practice.performance.figures import Report
from apps.practice.performance.span import Span
from apps.practice.performance.timing import MATCHED

# It reads many rows, and nobody needs it to the second.
HELD_SECONDS: Final = 60
_KEY: Final = "practice-performance:{}"


def report(span: Span) -> Report:
    """The report of these days, at most a minute old."""
    key = _KEY.format(span.key)
    held: Report | None = cache.get(key)
    if held is None:
        held = make(span)
        cache.set(key, held, HELD_SECONDS)
    return held


def make(span: Span) -> Report:
    """The report as it is now, in nine queries."""
    studies, steps, jobs = counting.arrived(span), timing.steps(span), timing.jobs(span)
    parts = [each for each in steps if each.name != MATCHED]
    return Report(
        first=span.first,
        last=span.last,
        made_at=timezone.now(),
        days=counting.days(span, studies),
        matched=next((each for each in steps if each.name == MATCHED), None),
        steps=parts,
        slowest=max(parts, key=lambda each: each.p95).name if parts else "",
        jobs=jobs,
        errors=counting.errors(span, jobs),
        caches=counting.caches(),
        storage=counting.storage(span, studies),
        sending=counting.sending(span),
    )
