"""How common names are among a practice's leads: a rare name that is the same says more. Counted now and then."""

import time
from collections import Counter
from threading import Lock
from typing import Final

from django.db.models import Count

from apps.practice.matching.weights import Frequencies
from apps.practice.matching.words import words
from apps.practice.models import Lead

COUNTED_SECONDS: Final = 3600.0
REMEMBERED: Final = 20
# Fewer say nothing of how common a name is.
LEAST_PEOPLE: Final = 1000

_counted: dict[int, tuple[float, Frequencies]] = {}
_lock = Lock()


def of_practice(practice_id: int) -> Frequencies:
    """How many of the practice's leads have a name, of how many; of 0 leads where they are too few to tell."""
    now = time.monotonic()
    with _lock:
        until, known = _counted.get(practice_id, (0.0, Frequencies()))
    if until > now:
        return known
    known = _count(practice_id)
    with _lock:
        if len(_counted) >= REMEMBERED:
            _counted.clear()
        # A few leads are counted each time; where there are many, one more or less changes nothing.
        seconds = COUNTED_SECONDS if known.people else 0.0
        _counted[practice_id] = (now + seconds, known)
    return known


def forget_all() -> None:
    """Forget how common they are."""
    with _lock:
        _counted.clear()


def _count(practice_id: int) -> Frequencies:
    family: Counter[str] = Counter()
    given: Counter[str] = Counter()
    people = 0
    leads = Lead.objects.alive().filter(practice=practice_id).order_by()
    for name, count in leads.values_list("family_name").annotate(Count("pk")):
        family["".join(words(name))] += count
        people += count
    for first, middle, count in leads.values_list("given_name", "middle_name").annotate(Count("pk")):
        for name in {"".join(words(first)), "".join(words(f"{first} {middle}"))}:
            given[name] += count
    return Frequencies(family, given, people if people >= LEAST_PEOPLE else 0)
