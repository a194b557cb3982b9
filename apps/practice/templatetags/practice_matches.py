"""Whose a study is, and whose a patient's studies are, on their pages in the admin."""

from typing import Any, Final

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.archive.models import Patient, Study
from apps.dicom.spoken import unturned
from apps.practice.models import Lead, Match, MatchState

register = template.Library()

MOST_LEADS: Final = 5


@register.inclusion_tag("admin/practice/of_study.html", takes_context=True)
def match_of_study(context: dict[str, Any], study: Study) -> dict[str, Any]:
    """The study's match, for who sees the practice's."""
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal

    rows = Match.objects.visible_to(principal(context["request"]))
    return {"match": rows.filter(study=study).select_related("lead").first()}


@register.inclusion_tag("admin/practice/of_patient.html", takes_context=True)
def leads_of_patient(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """The leads that the patient's studies are linked to, for who sees the practice's."""
    from apps.accounts.scoped_admin import principal

    seen = Lead.objects.visible_to(principal(context["request"]))
    mine = Match.objects.filter(study__patient=patient, state=MatchState.LINKED).order_by()
    return {"leads": list(seen.filter(pk__in=mine.values("lead"))[:MOST_LEADS])}


@register.simple_tag
def lead_link(lead: Lead) -> SafeString:
    """The lead's name, leading to their page."""
    page = reverse("admin:practice_lead_change", args=[lead.pk])
    return format_html('<a href="{}">{}</a>', page, unturned(str(lead)))


@register.filter
def signed(bits: float) -> str:
    """9.42 as `+9.4`; less than nothing with a minus as wide as the plus."""
    sign = "\N{MINUS SIGN}" if bits < 0 else "+"
    return sign + number_format(f"{abs(bits):.1f}", 1)
