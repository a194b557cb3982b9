"""How it goes with an Orthanc, on its row: when it called and answered, and what went wrong last."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from apps.practice.models import Orthanc
from apps.remotes.models import TEXT_LENGTH

# What changes often is not written more often.
OFTEN: Final = timedelta(seconds=30)


def called(orthanc: Orthanc) -> None:
    """It has called, rightly signed."""
    _note_now(orthanc, "seen_at")


def answered(orthanc: Orthanc) -> None:
    """It has answered as it should: what went wrong before is over."""
    Orthanc.objects.filter(pk=orthanc.pk).update(answered_at=timezone.now(), last_error="", error_at=None)


def failed(orthanc: Orthanc, reason: str) -> None:
    """Something went wrong with it, said for who administers the practice; the same is noted now and then."""
    now = timezone.now()
    stale = Q(error_at=None) | Q(error_at__lt=now - OFTEN) | ~Q(last_error=reason[:TEXT_LENGTH])
    Orthanc.objects.filter(stale, pk=orthanc.pk).update(last_error=reason[:TEXT_LENGTH], error_at=now)


def suspected(orthanc: Orthanc, reason: str) -> None:
    """A call in its name was not believed: anybody can make one, so that it is noted now and then alone."""
    now = timezone.now()
    stale = Q(error_at=None) | Q(error_at__lt=now - OFTEN)
    Orthanc.objects.filter(stale, pk=orthanc.pk).update(last_error=reason[:TEXT_LENGTH], error_at=now)


def _note_now(orthanc: Orthanc, field: str) -> None:
    now = timezone.now()
    stale = Q(**{field: None}) | Q(**{f"{field}__lt": now - OFTEN})
    Orthanc.objects.filter(stale, pk=orthanc.pk).update(**{field: now})
