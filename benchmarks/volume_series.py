"""For benchmarks/volumes.py: a site with stored series of CT slices, and the ways to have their voxels.

set_up(folder)                          a site of its own, once in a process
series = stored(RLELossless, 300)       300 slices of 512 x 512, shuffled
naive(series)                           what a script with pydicom does: read, sort, stack
cold(series)                            found and assembled anew, nothing of it in the cache
cached(series)                          opened again
"""

import os
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from apps.archive.models import Series
    from apps.volumes.geometry.voxels import Voxels

SIDE: Final = 512
SPACING: Final = 0.8
WATER, AIR, NOISE = 40, -1000, 15.0


def set_up(folder: str) -> None:
    """Have Django run on a new site in the folder."""
    os.environ |= {
        "FOVEA_DATA": f"{folder}/data",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FOVEA_LOG_LEVEL": "ERROR",
    }
    import django
    from django.core.management import call_command

    django.setup()
    from apps.accounts.models import Practice

    call_command("migrate", verbosity=0)
    Practice.objects.create(name="Volumes")


def stored(transfer_syntax: str, slices: int) -> "Series":
    """A stored series of a noisy cylinder of water, its slices in any order; another one for each transfer syntax."""
    from apps.accounts.models import Practice
    from apps.archive.models import Series
    from apps.archive.store import Batch, Origin
    from tests.volumes.series import to_bytes

    practice = Practice.objects.get()
    uid = f"1.2.826.0.1.3680043.10.1561.8.{slices}.{transfer_syntax.replace('.', '')}"
    with Batch(Origin("benchmark", practice.pk, "bench")) as batch:
        for k in np.random.default_rng(1).permutation(slices).tolist():
            batch.receive([to_bytes(_slice(k, uid, transfer_syntax))])
        batch.commit()
    return Series.objects.select_related("study").get(series_instance_uid=uid)


def _slice(k: int, uid: str, transfer_syntax: str) -> Any:
    from tests.volumes.series import ct_series

    (dataset,) = ct_series(
        _values(k)[np.newaxis],
        spacing=(SPACING, SPACING, SPACING),
        positions=[k * SPACING],
        series_uid=uid,
        transfer_syntax=transfer_syntax,
        InstanceNumber=str(k + 1),
        SOPInstanceUID=f"{uid}.{k + 1}",
    )
    return dataset


def _values(k: int) -> NDArray[np.int16]:
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    noise = np.random.default_rng(k).normal(0, NOISE, (SIDE, SIDE))
    values: NDArray[np.int16] = (np.where(x**2 + y**2 < (0.4 * SIDE) ** 2, WATER, AIR) + noise).astype(np.int16)
    return values


def naive(series: "Series") -> NDArray[Any]:
    """The stored values as a script with pydicom reads them."""
    from pydicom import dcmread

    from apps.archive.storage import site_objects

    files = [site_objects().path(key) for key in series.instances.values_list("file_key", flat=True)]
    datasets = sorted((dcmread(file) for file in files if file), key=lambda each: each.ImagePositionPatient[2])
    return np.stack([each.pixel_array for each in datasets])


def cold(series: "Series") -> "Voxels":
    """The voxels of the series' only volume, of which nothing was known before."""
    from apps.volumes.models import Survey

    # Its volume goes with it, and the volume's array.
    Survey.objects.filter(series=series).delete()
    return cached(series)


def cached(series: "Series") -> "Voxels":
    """The voxels of the series' only volume, as it stands."""
    from apps.volumes.cache import opened
    from apps.volumes.finding import volumes_of

    (volume,) = volumes_of(series)
    return opened(volume)
