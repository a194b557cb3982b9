"""What of a study may be chosen to find lesions again, and whether it may be judged."""

from typing import Final

from django.db.models import F

from apps.analysis.kinds import Choices
from apps.archive.models import Study
from apps.dicom.spoken import spoken_date
from apps.lesions.concluding import is_judged
from apps.lesions.models import Lesion, LesionFinding
from apps.volumes.derived import choosing
from apps.volumes.models import Volume

MOST: Final = 50
MODALITIES: Final = ("CT", "MR", "PT")


def volumes(study: Study) -> Choices:
    """The study's volumes that may be registered, and those of other studies of the patient where lesions are known."""
    others = LesionFinding.objects.filter(study__patient=study.patient_id, x__isnull=False).exclude(study=study)
    rows = Volume.objects.filter(
        survey__series__study__in=others.values("study"),
        survey__version=F("survey__series__version"),
        survey__series__modality__in=MODALITIES,
    ).select_related("survey__series__study")
    ordered = rows.order_by("-survey__series__study__study_date", "survey__series__series_number", "pk")
    earlier = [(row.pk, f"{spoken_date(row.series.study.study_date)}: {row}") for row in ordered[:MOST]]
    return {**choosing.volumes(study, *MODALITIES), "baseline": earlier}


def assessable(study: Study) -> Choices:
    """Nothing is to be chosen; an empty choice where the study has nothing to judge."""
    followed = Lesion.objects.filter(study__patient=study.patient_id).exists()
    return {} if followed and is_judged(study) else {"study": []}
