"""What a volume's slices are made of: instances and their frames, packed into a column, and looked up again."""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

from apps.analysis.kinds import Inputs
from apps.archive import headers, retrieve
from apps.archive.models import Instance
from apps.archive.retrieve import StoredInstance
from apps.core.errors import NotFound
from apps.saying import say
from apps.volumes.models import Volume

# Parameters of one query.
AT_ONCE: Final = 500
# The archive's key of the instance, and the number of the frame in it, from 1.
_SLICE: Final = Struct("<QI")


@dataclass(frozen=True, slots=True)
class Source:
    """The image that a slice was (an item of Source Image Sequence, PS3.3 C.7.6.1.4); frames count from 1."""

    sop_class_uid: str
    sop_instance_uid: str
    frame_number: int


def pack(slices: Iterable[tuple[int, int]]) -> bytes:
    """The slices, each an instance's key and a frame's number, as the row keeps them."""
    return b"".join(_SLICE.pack(instance, number) for instance, number in slices)


def frames_of_volume(volume: Volume) -> list[tuple[int, int]]:
    """Of each slice, in their order: the archive's key of the instance, and the number of the frame, from 1."""
    return [(instance, number) for instance, number in _SLICE.iter_unpack(bytes(volume.frames))]


def sources_of(volume: Volume) -> list[Source]:
    """The image of each slice, in their order. Raises NotFound where one is gone."""
    slices = frames_of_volume(volume)
    keys = sorted({instance for instance, _ in slices})
    known: dict[int, tuple[str, str]] = {}
    for start in range(0, len(keys), AT_ONCE):
        rows = Instance.objects.filter(pk__in=keys[start : start + AT_ONCE]).order_by()
        known |= {pk: (a, b) for pk, a, b in rows.values_list("pk", "sop_class_uid", "sop_instance_uid")}
    if len(known) < len(keys):
        raise gone()
    return [Source(*known[instance], number) for instance, number in slices]


def middle_instance(volume: Volume) -> StoredInstance:
    """The object of the slice in the middle, which stands for the others. Raises NotFound where it is gone."""
    slices = frames_of_volume(volume)
    stored = retrieve.by_key(slices[len(slices) // 2][0])
    if stored is None:
        raise gone()
    return stored


def first_header(volume: Volume) -> dict[str, Any]:
    """The header of the slice in the middle in DICOM JSON (PS3.18 F.2), as it leaves. Raises NotFound."""
    return headers.described(middle_instance(volume))[0]


def inputs_of(volume: Volume) -> Inputs:
    """What an analysis of the volume is worked out of."""
    return Inputs(
        series_instance_uids=(volume.series.series_instance_uid,),
        digest=volume.inputs,
        flags=tuple(volume.flags),
        is_quantifiable=volume.is_quantifiable,
    )


def gone() -> NotFound:
    """The error for images that were deleted or replaced since the volume was found."""
    return NotFound(say("Images of this volume have been deleted or replaced. Open the series again."))
