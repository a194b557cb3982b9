"""A bundle's network over a whole volume: patch by patch, on a GPU where there is one, within its memory."""

import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, Final

import torch

from apps.analysis.apart.child import Tell
from apps.analysis.apart.refusing import Unanswerable

# Bytes of a value of a network's output; how often all of them are there at once: as they come, and as shares of 1.
_BYTES: Final = 4
_TIMES: Final = 2
# Of the process's memory: what PyTorch, MONAI, the volume and the network take besides.
_BESIDES: Final = 1 << 30
# Of a GPU's free memory: what the outputs of a whole volume may take of it.
_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Devices:
    """Where the network works, and where the outputs of all its patches are gathered."""

    working: torch.device
    gathering: torch.device


def inferred(image: torch.Tensor, network: torch.nn.Module, inferer: Any, devices: Devices, tell: Tell) -> Any:
    """What the network says to `image` (channel first), without the batch's axis."""
    counted = _Counted(network.to(devices.working), _patches(inferer, image.shape[1:]), tell)
    given = image.to(devices.working)
    if hasattr(inferer, "sw_device"):
        inferer.sw_device, inferer.device = devices.working, devices.gathering
        given = image.to(devices.gathering)
    with torch.no_grad():
        return inferer(given[None], counted)[0]


def memory_here() -> int:
    """How many bytes this process may have."""
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


def keep_within(memory: int, channels: int, *shapes: Sequence[int]) -> None:
    """Refuse an output of so many channels over grids of these shapes that wouldn't fit. Raises Unanswerable."""
    needed = outputs(channels, *shapes) + _BESIDES
    if needed > memory:
        raise Unanswerable("bundle-memory", needed=_gibibytes(needed), given=_gibibytes(memory))


def outputs(channels: int, *shapes: Sequence[int]) -> int:
    """Bytes of the outputs over the largest of these grids."""
    return channels * max(prod(shape) for shape in shapes) * _BYTES * _TIMES


def devices_for(channels: int, *shapes: Sequence[int]) -> Devices:
    """A GPU if one is found, which also gathers if it has the room."""
    processor = torch.device("cpu")
    if not torch.cuda.is_available():
        return Devices(processor, processor)
    gpu = torch.device("cuda:0")
    free, _ = torch.cuda.mem_get_info(gpu)
    return Devices(gpu, gpu if outputs(channels, *shapes) <= free * _SHARE else processor)


class _Counted(torch.nn.Module):
    """A network that tells how many patches it has seen."""

    def __init__(self, network: torch.nn.Module, total: int, tell: Tell) -> None:
        super().__init__()
        self._network, self._total, self._tell, self._done = network, total, tell, 0

    def forward(self, patches: torch.Tensor, *rest: Any, **others: Any) -> Any:
        """What the network says; of several outputs (deep supervision) the first."""
        found = self._network(patches, *rest, **others)
        self._done = min(self._done + len(patches), self._total)
        self._tell(self._done, self._total)
        return found[0] if isinstance(found, list | tuple) else found


def _patches(inferer: Any, shape: Sequence[int]) -> int:
    """How many patches a sliding window makes of a volume; 1 where there is none."""
    sides = getattr(inferer, "roi_size", None)
    if sides is None:
        return 1
    sides = [sides] * 3 if isinstance(sides, int) else list(sides)
    overlap = getattr(inferer, "overlap", 0.25)
    overlaps = [overlap] * 3 if isinstance(overlap, int | float) else list(overlap)
    return prod(_windows(*each) for each in zip(shape, sides, overlaps, strict=True))


def _windows(length: int, side: int, overlap: float) -> int:
    """How many windows there are along an axis; a side of 0 or less is all of it."""
    if side <= 0 or length <= side:
        return 1
    return ceil((length - side) / max(1, int(side * (1 - overlap)))) + 1


def _gibibytes(count: int) -> float:
    return round(count / (1 << 30), 1)
