"""Sources and labels that segmentations are made of in the tests, without a database."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from apps.dicom.sr_tree import Code
from apps.segmentation.objects.segments import Algorithm, Segment
from apps.segmentation.objects.sources import Source, SourceImage
from apps.volumes.derived import heritage
from apps.volumes.geometry.assembling import assemble
from apps.volumes.geometry.reading import frames_of

TISSUE: Final = Code("Tissue", "85756007", "SCT")
STRUCTURE: Final = Code("Anatomical Structure", "91723000", "SCT")
LEFT: Final = Code("Left", "7771000", "SCT")
LUNG: Final = Code("Lung", "39607008", "SCT")
BONE: Final = Code("Bone", "3138006", "SCT")
THRESHOLD: Final = Algorithm("Threshold", "1", family=Code("Neighborhood Analysis", "123101", "DCM"))
SEGMENTS: Final = (
    Segment(1, "Left lung", STRUCTURE, LUNG, algorithm=THRESHOLD, colour=(200, 160, 120), modifier=LEFT),
    Segment(2, "Bone", TISSUE, BONE, algorithm=THRESHOLD, colour=(0, 255, 10), tracking_uid="2.25.1"),
    Segment(3, "Nothing", TISSUE, BONE, algorithm=THRESHOLD),
    Segment(4, "By hand", TISSUE, BONE, colour=(17, 3, 250)),
)


def source(objects: Sequence[Dataset]) -> Source:
    """The volume of these objects, as the archive would give it."""
    headers = [_header(each) for each in objects]
    frames = [frame for n, header in enumerate(headers) for frame in frames_of(header, n)]
    (stack,) = assemble(frames, most_slices=1000, most_bytes=1 << 30).stacks
    images = [_image(headers[frame.instance], frame) for frame in stack.frames]
    return Source(
        header=heritage.flattened(headers[0]),
        lattice=stack.lattice,
        images=tuple(images),
        is_multiframe=len(objects) < len(images),
        thickness=stack.frames[0].thickness,
        flags=tuple(sorted(stack.flags)),
    )


def labels(shape: tuple[int, int, int], seed: int = 1) -> NDArray[np.uint8]:
    """Values 0, 1, 2 and 4, the first and the last slice empty."""
    found = np.random.default_rng(seed).choice(np.array([0, 0, 0, 1, 2, 4], np.uint8), size=shape)
    found[[0, -1]] = 0
    return found


def _header(dataset: Dataset) -> dict[str, Any]:
    return dataset.to_json_dict(bulk_data_threshold=1, bulk_data_element_handler=lambda _: "bulk")


def _image(header: dict[str, Any], frame: Any) -> SourceImage:
    (sop_class_uid,), (sop_instance_uid,) = header["00080016"]["Value"], header["00080018"]["Value"]
    return SourceImage(sop_class_uid, sop_instance_uid, frame.number, frame.position)
