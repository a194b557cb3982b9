"""A bundle's network, transforms and inferer, made of its configuration by MONAI and PyTorch."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from apps.analysis.apart.refusing import Unanswerable
from apps.segmentation.bundles import sums
from apps.segmentation.bundles.configuration import Configuration, network_of
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.bundles.targets import COMPOSE, LOADING, SAVING

# Under which of these a file of weights keeps them, where it keeps other things besides.
_STATES: Final = ("model", "state_dict", "model_state_dict", "network")


@dataclass(frozen=True, slots=True)
class Built:
    """`key` is what the preprocessing calls the image; with `has_channel` it wants it with its channel first."""

    network: torch.nn.Module
    preprocessing: Any
    inferer: Any
    postprocessing: Any
    key: str
    has_channel: bool


def built(folder: Path, weights: str, known_sums: dict[str, str] | None) -> Built:
    """Everything, with its weights. Raises Unanswerable where the bundle isn't what it was looked at as."""
    try:
        if known_sums is not None:
            sums.check(folder, known_sums, *known_sums)
        making = _Making()
        configuration = Configuration(folder, making.make, known)
        network = network_of(configuration)
        before, inferer, after = map(configuration.value, ("preprocessing", "inferer", "postprocessing"))
    except Faulty as error:
        raise Unanswerable("bundle-changed", problem=str(error)) from error
    except (TypeError, ValueError) as error:
        raise Unanswerable("bundle-configuration") from error
    key, has_channel = making.image()
    _load(network, folder / weights)
    return Built(network.eval(), before, inferer, after, key, has_channel)


def brings_outputs_back(postprocessing: Any) -> bool:
    """Whether all of a network's outputs, and not only labels made of them, are brought to the volume's own grid."""
    for transform in postprocessing.transforms:
        if type(transform).__name__ == "Invertd":
            return True
        if any(getattr(transform, "argmax", ())):
            return False
    return False


def known(name: str) -> Any:
    """What `torch.float32`, `numpy.int64`, `torch.cuda.is_available` and their like are."""
    holder, _, path = name.partition(".")
    found: Any = importlib.import_module({"np": "numpy"}.get(holder, holder))
    for part in path.split("."):
        found = getattr(found, part)
    return found


class _Making:
    """Makes what the targets stand for; what would read or write files is left out, and remembered."""

    def __init__(self) -> None:
        self._loading: list[dict[str, Any]] = []

    def make(self, home: str, name: str, arguments: dict[str, Any]) -> Any:
        """Raises TypeError and ValueError for arguments that it doesn't take."""
        if name == LOADING:
            self._loading.append(arguments)
            return _LEFT_OUT
        if name == SAVING:
            return _LEFT_OUT
        if name == COMPOSE:
            arguments = arguments | {"transforms": [each for each in arguments["transforms"] if each is not _LEFT_OUT]}
        return getattr(importlib.import_module(home), name)(**arguments)

    def image(self) -> tuple[str, bool]:
        """The key of the only image that is read, and whether it is read with its channel first."""
        keys = [each.get("keys", "") for each in self._loading]
        flat = {key for each in keys for key in ([each] if isinstance(each, str) else each)}
        if len(flat) != 1:
            raise Unanswerable("bundle-configuration")
        return flat.pop(), any(each.get("ensure_channel_first") is True for each in self._loading)


def _load(network: torch.nn.Module, path: Path) -> None:
    """Take over the weights of a file, of which nothing but numbers is read."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
        states = [found[name] for name in _STATES if isinstance(found, dict) and isinstance(found.get(name), dict)]
        network.load_state_dict(states[0] if states else found)
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unanswerable("bundle-weights") from error
    except Exception as error:
        # pickle.UnpicklingError, which is what weights_only says to a file with code in it.
        if type(error).__name__ == "UnpicklingError":
            raise Unanswerable("bundle-weights") from error
        raise


class _LeftOut:
    """Stands for a transform that reads or writes files."""


_LEFT_OUT: Final = _LeftOut()
