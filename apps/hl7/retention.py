"""How long messages are kept: what became of them for some days, what was in them no longer and not of too many."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from apps.hl7.models import Message

# Rows that go at once, once a minute; and messages of a practice that keep their content.
AT_ONCE: Final = 2000
MOST_CONTENTS: Final = 1000


def on_minute(**_: Any) -> None:
    """Remove what is older than FOVEA_HL7_KEEP_DAYS, and the content of all but the last MOST_CONTENTS."""
    before = timezone.now() - timedelta(days=settings.HL7_KEEP_DAYS)
    old = Message.objects.filter(received_at__lt=before).order_by("received_at").values_list("pk", flat=True)
    if pks := list(old[:AT_ONCE]):
        Message.objects.filter(pk__in=pks).delete()
    for practice_id in Message.objects.exclude(content="").order_by().values_list("practice", flat=True).distinct():
        kept = Message.objects.filter(practice=practice_id).exclude(content="").order_by("-received_at", "-pk")
        if pks := list(kept.values_list("pk", flat=True)[MOST_CONTENTS : MOST_CONTENTS + AT_ONCE]):
            Message.objects.filter(pk__in=pks).update(content="")
