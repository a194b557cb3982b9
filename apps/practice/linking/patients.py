"""The keys of the images' patients, by which a lead that is new or changes finds their studies."""

from apps.archive.models import Study
from apps.practice.linking.log import MOST_STUDIES
from apps.practice.linking.persons import Shown
from apps.practice.models import Match, PatientKey


def remember(study: Study, shown: Shown) -> None:
    """Keep the keys of whom the study shows, where that is news; those of what the patient's other studies say stay."""
    matches = Match.objects.filter(study__patient=study.patient_id).order_by()
    said: dict[int, str] = dict(matches.values_list("study_id", "demographics")[:MOST_STUDIES])
    if said.pop(study.pk, "") == shown.digest:
        return
    if not set(said.values()) - {shown.digest, ""}:
        PatientKey.objects.filter(patient=study.patient_id).exclude(key__in=shown.keys).delete()
    here = {"practice_id": study.practice_id, "patient_id": study.patient_id}
    PatientKey.objects.bulk_create((PatientKey(**here, key=key) for key in sorted(shown.keys)), ignore_conflicts=True)
