"""The lead that a page's address names (`?lead=`), for pages that do something for one."""

from typing import Final

from django.http import HttpRequest

from apps.accounts.permissions import Permission
from apps.accounts.scoped_admin import principal
from apps.practice.models import Lead

_LONGEST: Final = 18


def chosen_lead(request: HttpRequest) -> Lead | None:
    """A lead for whom the person may store; none where nobody is named, or nobody of theirs."""
    chosen = request.GET.get("lead", "")
    if not (chosen.isdecimal() and len(chosen) <= _LONGEST):
        return None
    leads = Lead.objects.visible_to(principal(request), Permission.UPLOAD).alive()
    return leads.filter(pk=int(chosen)).first()
