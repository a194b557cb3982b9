"""What the tests of geometry ask again and again: frames of data sets, and the assembly they make."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from apps.dicom.reader import read
from apps.volumes.geometry.assembling import assemble
from apps.volumes.geometry.flags import Flag
from apps.volumes.geometry.frames import Frame
from apps.volumes.geometry.reading import frames_of
from apps.volumes.geometry.stacks import Assembly, Reason, Stack
from tests.volumes.series import ct_series, to_bytes

MOST_SLICES, MOST_BYTES = 1_000, 1 << 30


def block(slices: int, rows: int = 4, columns: int = 5) -> NDArray[np.int16]:
    """Values that tell each voxel from the others."""
    return np.arange(slices * rows * columns, dtype=np.int16).reshape(slices, rows, columns)


def header(dataset: Dataset) -> dict[str, Any]:
    """The header as the archive's reader gives it."""
    return read(to_bytes(dataset)).attributes


def frames(datasets: Iterable[Dataset]) -> list[Frame]:
    """All frames, the objects numbered from 0 as instances."""
    return [frame for number, dataset in enumerate(datasets) for frame in frames_of(header(dataset), number)]


def assembled(datasets: Iterable[Dataset]) -> Assembly:
    return assemble(frames(datasets), most_slices=MOST_SLICES, most_bytes=MOST_BYTES)


def stack_of(datasets: Iterable[Dataset]) -> Stack:
    """The only stack, with nothing left out."""
    assembly = assembled(datasets)
    assert not assembly.left_out
    (stack,) = assembly.stacks
    return stack


def left_out(assembly: Assembly) -> dict[Reason, int]:
    return {each.reason: each.count for each in assembly.left_out}


def numbers(stack: Stack) -> list[int]:
    """Instance Numbers in the order of the slices."""
    return [frame.instance_number for frame in stack.frames]


def flags(*datasets: Sequence[Dataset]) -> set[Flag]:
    """The flags of the only stack that the data sets make."""
    return set(stack_of([dataset for each in datasets for dataset in each]).flags)


def series(slices: int = 8, **given: Any) -> list[Dataset]:
    """As ct_series, of slices that touch each other."""
    return ct_series(block(slices), **given)
