"""Whether a patient's lesions together are as RECIST 1.1 has them: one baseline, and targets that may be ones."""

from itertools import islice

import orjson
from isal import isal_zlib

from apps.archive.models import Instance
from apps.core.errors import Conflict
from apps.dicom.attributes import number
from apps.lesions.models import FoundAs, Lesion, LesionFinding, Role
from apps.lesions.recist.choosing import Candidate, objections
from apps.saying import say, together

_THICKNESS = "00180050"
MOST_SAID = 3


def check(patient: int) -> None:
    """Raises Conflict with what speaks against the lesions as they are now; the caller's transaction is undone then."""
    followed = list(Lesion.objects.filter(study__patient=patient).exclude(role=Role.NEW).select_related("study"))
    if len({each.study_id for each in followed}) > 1:
        raise Conflict(
            say(
                "Target and non-target lesions are those of one study, the baseline. A lesion first seen in another "
                "one is new; to begin anew, remove those of the earlier baseline."
            )
        )
    targets = [_candidate(each) for each in followed if each.role == Role.TARGET]
    if against := list(islice(objections(targets), MOST_SAID)):
        raise Conflict(together(*against))


def _candidate(lesion: Lesion) -> Candidate:
    finding = LesionFinding.objects.filter(lesion=lesion, study=lesion.study_id, state=FoundAs.MEASURED).first()
    if finding is None or finding.size_mm is None:
        raise Conflict(say("A target lesion is measured at baseline."))
    return Candidate(lesion.organ, finding.size_mm, lesion.is_node, _thickness(lesion, finding))


def _thickness(lesion: Lesion, finding: LesionFinding) -> float:
    """Slice Thickness (mm) of the image that it was measured in; 0 where it has none, or is not here."""
    images = Instance.objects.filter(series__study=lesion.study_id, sop_instance_uid=finding.sop_instance_uid)
    packed = images.values_list("header", flat=True).first()
    return (number(orjson.loads(isal_zlib.decompress(packed)), _THICKNESS) or 0.0) if packed else 0.0
