"""A patient's lesions on their page: how many, the last response, and the way to the page about them."""

from typing import Any

from django import template

from apps.archive.models import Patient

register = template.Library()


@register.inclusion_tag("admin/lesions/of_patient.html", takes_context=True)
def lesions_of_patient(context: dict[str, Any], patient: Patient) -> dict[str, Any]:
    """What there is to follow, for who sees it: lesions, or something that was measured and may be one."""
    # The theme loads all tags while it is itself being imported.
    from apps.accounts.scoped_admin import principal
    from apps.lesions.models import Lesion
    from apps.measurements.models import Measurement

    who = principal(context["request"])
    count = Lesion.objects.visible_to(who).filter(study__patient=patient).count()
    has_any = count or Measurement.objects.visible_to(who).filter(study__patient=patient).exists()
    return {"patient": patient, "count": count, "has_any": has_any}
