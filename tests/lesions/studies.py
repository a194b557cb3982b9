"""Studies of one patient at several times, in which people have measured lesions."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from pydicom.dataset import Dataset

from apps.accounts.models import Practice
from apps.archive.models import Study
from apps.dicom.sr_tree import Code
from apps.measurements.content import concepts
from apps.measurements.models import Measurement
from apps.measurements.reports import read_all
from tests import dicoms
from tests.dicomweb.archive import keep
from tests.measurements.measured import drawn, group, report, value
from tests.volumes.series import ct_series
from tests.volumes.stored import store

LIVER: Final = Code("Liver", "10200004", "SCT")
LUNG: Final = Code("Lung", "39607008", "SCT")
NODE: Final = Code("Lymph Node", "59441001", "SCT")
DATES: Final = ("20250110", "20250310", "20250512", "20250711")


def study_uid(number: int) -> str:
    return dicoms.uid(60, number)


def image_uid(number: int, k: int = 0) -> str:
    """Of the slice k of a study's images."""
    return f"{study_uid(number)}.1.{k + 1}"


def imaged(practice: Practice, number: int, patient: str = "P1", **attributes: Any) -> Study:
    """A study with three slices of 64 by 64 pixels, 1 mm each way, 2 mm apart; pixel (0, 0) at (-20, -30, 40)."""
    values = np.zeros((3, 64, 64), np.int16)
    uids = {"study_uid": study_uid(number), "series_uid": f"{study_uid(number)}.1", "patient_id": patient}
    given = {"StudyDate": DATES[number], "StudyTime": "101500", **attributes}
    return store(practice, ct_series(values, **uids, **given)).study


def line(
    number: int,
    size: float,
    at: Sequence[float],
    *,
    tracking: int,
    label: str = "",
    site: Code | None = LIVER,
    k: int = 0,
) -> Dataset:
    """A length of `size` mm in a study, its middle at column and row `at`."""
    x, y = at
    points = (x - size / 2, y, x + size / 2, y)
    measured = value(size, concepts.LENGTH, concepts.MILLIMETRE, drawn(points, image=image_uid(number, k)))
    return group(measured, tracking=dicoms.uid(61, tracking), label=label, site=site)


def cross(number: int, long: float, short: float, at: Sequence[float], *, tracking: int, site: Code = NODE) -> Dataset:
    """Two diameters across each other."""
    x, y = at
    lines = ((x - long / 2, y, x + long / 2, y), (x, y - short / 2, x, y + short / 2))
    named = ((long, concepts.LONG_AXIS), (short, concepts.SHORT_AXIS))
    values = [
        value(size, concept, concepts.MILLIMETRE, drawn(points, image=image_uid(number)))
        for (size, concept), points in zip(named, lines, strict=True)
    ]
    return group(*values, tool="Bidirectional", tracking=dicoms.uid(61, tracking), site=site)


def reported(practice: Practice, number: int, *groups: Dataset, report_number: int = 1, **attributes: Any) -> Study:
    """Have these measured in a study that is there already, and read."""
    given = {"StudyDate": DATES[number], "StudyTime": "101500", "PatientID": "P1", **attributes}
    keep(practice, report(*groups, number=report_number, study=study_uid(number), **given))
    study = Study.objects.get(practice=practice, study_instance_uid=study_uid(number))
    read_all(study.series.filter(modality="SR"))
    return study


def measurement(number: int, tracking: int) -> int:
    """The key of what was measured with this Tracking UID in a study."""
    rows = Measurement.objects.filter(
        study__study_instance_uid=study_uid(number), tracking_uid=dicoms.uid(61, tracking)
    )
    return rows.order_by("-pk").values_list("pk", flat=True)[0]
