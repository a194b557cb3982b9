"""The volume that a segmentation lies over, out of the archive."""

import orjson
from isal import isal_zlib

from apps.archive.models import Instance
from apps.segmentation.objects.sources import Source, SourceImage
from apps.volumes import slices
from apps.volumes.derived import heritage
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of
from apps.volumes.lattices import lattice_of
from apps.volumes.models import Volume


def source_of(volume: Volume) -> Source:
    """Raises NotFound where objects of the volume are gone."""
    named = slices.sources_of(volume)
    places = slices.frames_of_volume(volume)
    frames = _frames(sorted({instance for instance, _ in places}))
    own = [frames[place] for place in places if place in frames]
    if len(own) < len(places):
        raise slices.gone()
    lattice = lattice_of(volume)
    middle = len(named) // 2
    return Source(
        header=heritage.flattened(slices.first_header(volume), named[middle].frame_number),
        lattice=lattice,
        images=tuple(
            SourceImage(*_names(image), frame.position or lattice.point(k, 0, 0))
            for k, (image, frame) in enumerate(zip(named, own, strict=True))
        ),
        is_multiframe=len({instance for instance, _ in places}) < len(places),
        thickness=own[middle].thickness,
        flags=volume.known_flags,
    )


def _names(image: slices.Source) -> tuple[str, str, int]:
    return image.sop_class_uid, image.sop_instance_uid, image.frame_number


def _frames(instances: list[int]) -> dict[tuple[int, int], Frame]:
    """What headers say of each image, by the archive's key of its object and its number from 1."""
    found: dict[tuple[int, int], Frame] = {}
    for start in range(0, len(instances), slices.AT_ONCE):
        rows = Instance.objects.filter(pk__in=instances[start : start + slices.AT_ONCE]).order_by()
        for pk, header in rows.values_list("pk", "header"):
            frames = frames_of(orjson.loads(isal_zlib.decompress(bytes(header))), pk)
            found |= {(pk, frame.number): frame for frame in frames}
    return found
