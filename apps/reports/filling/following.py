"""The lesions of a patient that are followed, as a report of one study tells of them."""

from dataclasses import dataclass

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.models import Study
from apps.lesions.history import History, Visit, history_of
from apps.lesions.taking import bring_up_to_date


@dataclass(frozen=True, slots=True)
class Followed:
    """The patient's lesions, and the visit that the report's study is."""

    history: History
    visit: Visit


def followed(study: Study, who: Principal) -> Followed | None:
    """None for a study without an assessment, and for who doesn't see all studies that it goes by."""
    bring_up_to_date(study.patient)
    history = history_of(study.patient)
    visit = history.visit_of(study)
    if visit is None:
        return None
    studies = {each.study.pk for each in history.visits}
    seen = Study.objects.visible_to(who, Permission.VIEW).filter(pk__in=studies).count()
    return Followed(history, visit) if seen == len(studies) else None
