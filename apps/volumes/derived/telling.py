"""What derived images say of themselves, in English, as headers do: how they were made, and what to mind."""

from collections.abc import Iterable
from typing import Final

from apps.dicom.attributes import Attributes, text
from apps.volumes.derived.facts import MOST_NAMED, SeriesFacts
from apps.volumes.geometry.flags import HARMLESS, Flag, is_quantifiable
from apps.volumes.resampling.planes import Projection

NO_DEVICE: Final = "Made by Fovea, which is not a certified medical device."
_FORBIDDEN: Final = "Not quantifiable: "
_COMMENTS: Final = "00204000"
_PROJECTED: Final = {
    Projection.MAXIMUM: "maximum intensity projection",
    Projection.MINIMUM: "minimum intensity projection",
    Projection.MEAN: "mean",
}


def described(series: SeriesFacts, how: str, sources: int, source_series: str) -> str:
    """Derivation Description (0008,2111), at most 1024 characters: `how` it was made of the voxels."""
    parts = [f"{series.description}: {how} the voxels of series {source_series}"]
    if series.slab:
        parts.append(f"{_PROJECTED[series.slab.projection]} through {series.slab.thickness:g} mm")
    if sources > MOST_NAMED:
        parts.append(f"of {sources} source images the first and the last are named")
    return "; ".join(parts)[:1024]


def comments(flags: Iterable[Flag]) -> str:
    """Image Comments (0020,4000): what is wrong with the geometry, by the flags' names, and what made the image."""
    known = tuple(flags)
    told = [NO_DEVICE]
    if not is_quantifiable(known):
        told.append(f"{_FORBIDDEN}{', '.join(flag for flag in known if flag not in HARMLESS)}.")
    if minded := [flag for flag in known if flag in HARMLESS]:
        told.append(f"Geometry: {', '.join(minded)}.")
    return " ".join(told)


def forbidden_in(header: Attributes) -> frozenset[Flag]:
    """The flags that `comments` said to forbid measuring, read out of a header (DICOM JSON): they hold for what is made
    of a derived image too."""
    _, is_told, named = text(header, _COMMENTS).partition(_FORBIDDEN)
    flags = named.partition(".")[0].split(", ") if is_told else []
    return frozenset(flag for flag in Flag if flag in flags)
