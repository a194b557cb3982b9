"""Whom a request is about: the lead that it names, by number or by what other software calls them."""

from typing import Any, Final

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from apps.accounts.permissions import Permission
from apps.accounts.rest import principal
from apps.practice.models import Lead
from apps.practice.models.leads import KEEPING
from apps.saying import say
from apps.worklist.api import practice_of

LARGEST: Final = 2**63 - 1
NO_SUCH: Final = say("There is no such lead among yours.")


def number(**options: Any) -> serializers.IntegerField:
    """A row's number."""
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **options)


def lead_of(
    request: Request, given: dict[str, Any], practice_id: int | None = None, permission: Permission = KEEPING
) -> Lead | None:
    """The lead of `lead_id`, or of `lead_external_id`, in this practice or else the one that `given` names.

    What says so, and `practice`, are taken out of `given`; None where no lead is said. Raises ValidationError for one
    who is not among those of whom the person has the permission.
    """
    pk, external_id, practice = (given.pop(name, None) for name in ("lead_id", "lead_external_id", "practice"))
    mine = Lead.objects.visible_to(principal(request), permission).alive()
    here = practice_id or (practice.pk if practice else None)
    if pk:
        return _one(mine.filter(pk=pk, **({"practice": here} if here else {})), "leadId")
    if external_id:
        return _one(mine.filter(external_id=external_id, practice=here or practice_of(request, None)), "leadExternalId")
    return None


def _one(rows: QuerySet[Lead], name: str) -> Lead:
    lead = rows.first()
    if lead is None:
        raise serializers.ValidationError({name: [NO_SUCH]})
    return lead
