"""What a bundle says of itself in configs/metadata.json (MONAI Bundle Specification); pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from apps.saying import say
from apps.segmentation.bundles.documents import document
from apps.segmentation.bundles.faults import Faulty
from apps.segmentation.naming.segments import is_background
from apps.segmentation.objects.segments import MOST_SEGMENTS

FILE: Final = "configs/metadata.json"
# What the specification wants of every bundle, all of it text but the last two.
_TEXTS: Final = ("version", "monai_version", "pytorch_version", "task", "description", "authors", "copyright")
_OBJECTS: Final = ("changelog", "network_data_format")
_HOUNSFIELD: Final = "hounsfield"
MOST_TITLE: Final = 120


@dataclass(frozen=True, slots=True)
class Metadata:
    """`modality` is DICOM's, empty where it says none. `labels` are the names of the values of its answer, without the
    background's; `channels` are those of the network's output."""

    title: str
    version: str
    modality: str
    needs_hu: bool
    labels: Mapping[int, str]
    channels: int


def metadata_of(folder: Path) -> Metadata:
    """Raises Faulty for what the specification doesn't allow, or isn't a segmentation of one grey volume."""
    known = document(folder, FILE)
    _check_all_there(known)
    image = _only(known["network_data_format"], "inputs")
    output = _only(known["network_data_format"], "outputs")
    if image.get("num_channels") != 1:
        raise Faulty(say("It wants several images at once; only networks for one grey volume can be used."))
    if output.get("format") != "segmentation":
        raise Faulty(say("Its answer is not a segmentation."))
    return Metadata(
        title=str(known.get("name") or known["task"])[:MOST_TITLE],
        version=known["version"][:64],
        modality=_modality(image),
        needs_hu=str(image.get("format", "")).lower() == _HOUNSFIELD,
        labels=_labels(output),
        channels=_channels(output),
    )


def _check_all_there(known: dict[str, Any]) -> None:
    for name in _TEXTS:
        if not isinstance(known.get(name), str) or not known[name].strip():
            raise Faulty(say("{file} doesn't say {name}.", file=FILE, name=name))
    for name in _OBJECTS:
        if not isinstance(known.get(name), dict):
            raise Faulty(say("{file} doesn't say {name}.", file=FILE, name=name))


def _only(formats: dict[str, Any], name: str) -> dict[str, Any]:
    """The only input, or the only output."""
    found = formats.get(name)
    if not isinstance(found, dict) or len(found) != 1 or not isinstance(only := next(iter(found.values())), dict):
        raise Faulty(say("{file} has not exactly one of {name}.", file=FILE, name=f"network_data_format.{name}"))
    return only


def _modality(image: dict[str, Any]) -> str:
    modality = str(image.get("modality", "")).strip().upper()
    return {"MRI": "MR", "PET": "PT", "N/A": "", "OTHERS": "", "OTHER": ""}.get(modality, modality)[:16]


def _labels(output: dict[str, Any]) -> dict[int, str]:
    defined = output.get("channel_def")
    if not isinstance(defined, dict) or not all(key.isdigit() and isinstance(of, str) for key, of in defined.items()):
        raise Faulty(say("{file} doesn't name the labels (channel_def).", file=FILE))
    labels = {int(key): of.strip() for key, of in defined.items() if of.strip() and not is_background(of)}
    if not labels or min(labels) < 1 or max(labels) > MOST_SEGMENTS:
        raise Faulty(say("Its labels are not between 1 and {most}.", most=MOST_SEGMENTS))
    return labels


def _channels(output: dict[str, Any]) -> int:
    channels = output.get("num_channels")
    if not isinstance(channels, int) or not 1 <= channels <= MOST_SEGMENTS + 1:
        raise Faulty(say("{file} doesn't say {name}.", file=FILE, name="num_channels"))
    return channels
