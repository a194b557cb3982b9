"""Volumes of stored series: what tests have that begin with what the archive keeps."""

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray
from pydicom.dataset import Dataset

from apps.accounts.models import Practice
from apps.archive.models import Series
from apps.archive.outcomes import Origin, Status
from apps.archive.store import Batch
from apps.volumes.finding import volumes_of
from apps.volumes.models import Volume
from tests.volumes.series import ct_series, to_bytes


def store(practice: Practice, objects: Iterable[Dataset | bytes]) -> Series:
    """Store objects of one series that are new to the practice; the series as it is then."""
    with Batch(Origin("test", practice.pk, "nora")) as batch:
        for each in objects:
            batch.receive([each if isinstance(each, bytes) else to_bytes(each)])
        outcomes = batch.commit()
    assert {outcome.status for outcome in outcomes} == {Status.STORED}
    uid = outcomes[0].series_instance_uid
    return Series.objects.select_related("study").get(study__practice=practice, series_instance_uid=uid)


def stored_volume(practice: Practice, values: NDArray[Any], **series: Any) -> Volume:
    """The only volume of a stored series of these values [k, j, i]; `series` are `ct_series`' other arguments."""
    (volume,) = volumes_of(store(practice, ct_series(values, **series)))
    return volume
