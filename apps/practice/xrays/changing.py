"""What people change of an X-ray, and taking it away; each is on record."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive import lifecycle
from apps.archive.rights import denied
from apps.audit.models import Event
from apps.audit.record import tell
from apps.core.errors import Conflict, NotFound, Refused
from apps.core.serializers import camel
from apps.practice.linking import verbs
from apps.practice.models import Lead, XRay
from apps.practice.xrays import teeth
from apps.saying import Sentence, say, say_count

NO_SUCH: Final = say("There is no such X-ray.")
NOT_YOURS: Final = say(
    "You may look at this X-ray, but not change it: you neither uploaded it nor may you correct data."
)
# Facts by their names outside, and their fields.
FACTS: Final = {"xray_type": "kind", "date_taken": "taken_at", "notes": "notes", "teeth": "teeth", "user_id": "user_id"}


def find(principal: Principal, pk: int) -> XRay:
    """An X-ray that the principal sees. Raises NotFound."""
    xray = XRay.objects.visible_to(principal).select_related("study", "series", "instance").filter(pk=pk).first()
    if xray is None:
        raise NotFound(NO_SUCH)
    return xray


def change(principal: Principal, xray: XRay, facts: dict[str, Any], source: str) -> None:
    """Change what the practice says of it: type, date, teeth, notes. Raises Refused, and Invalid for `teeth`."""
    changed = {FACTS[name]: value for name, value in facts.items() if name in FACTS}
    changed = {field: value for field, value in changed.items() if getattr(xray, field) != value}
    if not XRay.objects.changeable_by(principal).filter(pk=xray.pk).exists():
        raise Refused(NOT_YOURS)
    if "teeth" in changed:
        teeth.parse(changed["teeth"])
    if not changed:
        return
    with transaction.atomic():
        XRay.objects.filter(pk=xray.pk).update(**changed, changed_at=timezone.now())
        tell(
            Event.Action.EDIT,
            principal=principal,
            practice_id=xray.practice_id,
            study_instance_uid=xray.study.study_instance_uid,
            detail=f"X-ray: {', '.join(camel(name) for name, field in FACTS.items() if field in changed)}",
            source=source,
        )


def give_to(principal: Principal, xray: XRay, lead: Lead | None, source: str, *, whole_study: bool) -> None:
    """Link its study to another lead, or to none. Raises Refused, and Conflict where others would go along unasked."""
    others = XRay.objects.filter(study=xray.study_id).exclude(pk=xray.pk).count()
    if others and not whole_study:
        raise Conflict(_with_others(others))
    if lead is None:
        verbs.unlink(principal, xray.study, source=source)
    else:
        verbs.link(principal, xray.study, lead, source=source)


def delete(principal: Principal, xray: XRay, source: str) -> None:
    """Delete the image, or the volume, for good. Raises Refused, NotFound."""
    study_uid, series_uid = xray.study.study_instance_uid, xray.series.series_instance_uid
    if not XRay.objects.visible_to(principal, Permission.DELETE).filter(pk=xray.pk).exists():
        raise denied(principal, Permission.DELETE, study_uid)
    if xray.instance is None:
        lifecycle.delete_series(principal, study_uid, series_uid, way=source)
    else:
        lifecycle.delete_instance(principal, study_uid, series_uid, xray.instance.sop_instance_uid, way=source)


def _with_others(count: int) -> Sentence:
    return say_count(
        "Its study has {count} more, which would go to that lead too. Send wholeStudy: true if it is the same person's;"
        " else delete this one and upload it for the right lead.",
        "Its study has {count} more, and all of them would go to that lead. Send wholeStudy: true if they are the same"
        " person's; else delete this one and upload it for the right lead.",
        count,
    )
