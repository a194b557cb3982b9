"""The patient's earlier studies, as far as the principal sees them."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db.models import Q

from apps.accounts.permissions import Permission
from apps.accounts.principal import Principal
from apps.archive.growing import modalities_of
from apps.archive.models import Study

# The newest of them.
MOST_STUDIES: Final = 200


def earlier_studies(study: Study, who: Principal) -> Sequence[Study]:
    """The studies before this one, newest first; none where this one has no date. Studies of patients that were merged
    are of the one that they count as."""
    if not study.study_date:
        return []
    before = Q(study_date__lt=study.study_date) | Q(study_date=study.study_date, study_time__lt=study.study_time)
    seen = Study.objects.visible_to(who, Permission.VIEW).filter(before, patient=study.patient_id)
    dated = seen.exclude(study_date="").exclude(pk=study.pk)
    columns = ("practice", "study_instance_uid", "study_date", "study_time", "study_description", "modalities")
    newest = dated.only(*columns, "accession_number").order_by("-study_date", "-study_time", "-pk")
    return list(newest[:MOST_STUDIES])


def alike(studies: Sequence[Study], modalities: Collection[str]) -> Sequence[Study]:
    """Those of them with one of the modalities."""
    return [each for each in studies if modalities_of(each.modalities) & set(modalities)]
