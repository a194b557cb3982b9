"""Which of a study's volumes may be chosen for an analysis, and what their flags mean."""

from typing import Final

from django.db.models import F

from apps.analysis.kinds import Choices
from apps.archive.models import Study
from apps.core.errors import Conflict
from apps.saying import Sentence
from apps.volumes.derived.picturing.asking import check_installed
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.wording import flag_text
from apps.volumes.models import Volume

MOST: Final = 50
# Modalities of which there are jaws.
OF_JAWS: Final = ("CT",)


def volumes(study: Study, *modalities: str) -> Choices:
    """Those that are known of the study as it is now, in its series' order; of these modalities, if any are named."""
    known = Volume.objects.filter(survey__series__study=study.pk, survey__version=F("survey__series__version"))
    if modalities:
        known = known.filter(survey__series__modality__in=modalities)
    found = known.select_related("survey__series").order_by("survey__series__series_number", "survey", "pk")
    return {"volume": [(volume.pk, str(volume)) for volume in found[:MOST]]}


def jaws(study: Study) -> Choices:
    """The same, of what there are jaws in."""
    return volumes(study, *OF_JAWS)


def drawable(study: Study) -> Choices:
    """All of them; none where this site can't draw."""
    try:
        check_installed()
    except Conflict:
        return {"volume": []}
    return volumes(study)


def text_of(flag: str) -> Sentence:
    """What a flag of the inputs means."""
    return flag_text(Flag(flag))
