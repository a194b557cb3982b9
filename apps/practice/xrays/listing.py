"""Lists of X-rays: the page is read from their own table by an index, and what stands beside it by few more queries."""

from typing import Any, Final

from django.db.models import Prefetch, Q, QuerySet

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Instance, Series, Study
from apps.dicom.names import fold
from apps.practice.models import Match, MatchState, XRay

# The studies of one lead that are looked at: more than anybody has.
MOST_STUDIES: Final = 2000
NEWEST: Final = ("-taken_at", "-pk")
LATEST: Final = ("-received_at", "-pk")
_PLAIN: Final = {
    "xray_type": "kind", "status": "status", "modality": "modality", "date_from": "taken_at__gte",
    "date_to": "taken_at__lt", "since": "received_at__gte",
}  # fmt: skip
_STUDY: Final = (
    "practice_id", "study_instance_uid", "study_description", "patient_name", "patient_identifier",
    "patient_birth_date", "patient_sex",
)  # fmt: skip
_SERIES: Final = ("study_id", "series_instance_uid", "series_description", "instance_count", "size")
_INSTANCE: Final = ("series_id", "sop_instance_uid", "sop_class_uid", "number_of_frames", "size")


def matching(principal: Principal, given: dict[str, Any]) -> QuerySet[XRay]:
    """The X-rays that the principal sees and the filters ask for, newest first.

    Without `practice` or `lead_id`, those of the active practice: a list of one practice is read by its index.
    """
    rows: QuerySet[XRay] = XRay.objects.visible_to(principal)
    practice = given.get("practice") or principal.practice_id
    if "lead_id" in given:
        rows = _of_lead(principal, given["lead_id"])
    elif practice is not None:
        rows = rows.filter(practice=practice)
    if "study" in given:
        rows = rows.filter(study__study_instance_uid=given["study"])
    rows = rows.filter(**{_PLAIN[name]: value for name, value in given.items() if name in _PLAIN})
    if "text" in given:
        rows = rows.filter(with_words(given["text"]))
    return rows.order_by(*(LATEST if "since" in given else NEWEST))


def with_surroundings(rows: QuerySet[XRay]) -> QuerySet[XRay]:
    """What is shown beside each row, by one query for each table and none for each row."""
    beside: list[Any] = [
        Prefetch("study", Study.objects.only(*_STUDY)),
        Prefetch("study__match", Match.objects.select_related("lead")),
        Prefetch("series", Series.objects.only(*_SERIES)),
        Prefetch("instance", Instance.objects.only(*_INSTANCE)),
        "uploaded_by",
    ]
    return rows.prefetch_related(*beside)


def _of_lead(principal: Principal, lead_id: int) -> QuerySet[XRay]:
    """Those of the lead's studies: gathered first, so that no database reads all X-rays to find a few."""
    studies = Study.objects.visible_to(principal, Permission.VIEW)
    own = studies.filter(match__lead=lead_id, match__state=MatchState.LINKED).order_by()
    return XRay.objects.filter(study__in=list(own.values_list("pk", flat=True)[:MOST_STUDIES]))


def with_words(text: str) -> Q:
    """Every word stands in the patient's name or id, in a description, in the notes or among the teeth."""
    found = Q()
    for word in fold(text).split():
        found &= (
            Q(study__patient_name_key__contains=word)
            | Q(study__patient_name_other_keys__contains=word)
            | Q(study__patient_identifier__icontains=word)
            | Q(study__study_description_key__contains=word)
            | Q(series__series_description_key__contains=word)
            | Q(notes__icontains=word)
            | Q(teeth__icontains=word)
        )
    return found
