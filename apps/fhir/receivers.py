"""What was erased of a lead is not kept here either."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from apps.fhir.models import Identifier
from apps.practice.events import leads_changed


@receiver(leads_changed, dispatch_uid="fhir.leads")
def forget_erased(practice_id: int, lead_pks: Collection[int], **_: Any) -> None:
    """Forget what other systems call leads that have been erased."""
    erased = Identifier.objects.filter(practice=practice_id, lead__in=lead_pks, lead__erased_at__isnull=False)
    # Most are not: a deletion would lock the database each time.
    if erased.exists():
        erased.delete()
