"""Answers that are images out of volumes: in which form, how drawn, and what their header fields tell of them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from numpy.typing import NDArray
from rest_framework.request import Request

from apps.accounts.permissions import Permission
from apps.core.errors import Invalid, NotAcceptable
from apps.core.version import VERSION
from apps.dicom.windowing import Window
from apps.dicomweb.accept import Offer, choose, media_ranges
from apps.dicomweb.responses import is_current, not_modified, tagged
from apps.saying import Sentence, say
from apps.volumes import drawing
from apps.volumes.api.parameters import Format
from apps.volumes.drawing import NumberType
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.looks import look_at, window_of
from apps.volumes.models import Volume

MEDIA_TYPES: Final = {
    Format.PNG: "image/png",
    Format.JPEG: "image/jpeg",
    Format.RAW: "application/octet-stream",
    Format.DICOM: "application/dicom",
}
# What is known of an image beside its pixels, as JSON.
FIELD: Final = "Fovea-Image"
# The same for the schema.
IMAGE: Final = {(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()}
TOLD: Final = OpenApiParameter(
    FIELD, OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200],
    description="JSON: where the image lies (origin, across, down, spacings; LPS, mm), rows, columns, unit, flags.",
)  # fmt: skip
NOSNIFF: Final = {"X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Sampled:
    """An image out of a volume, in its unit (rows, columns).

    `where` it lies goes by the names that the REST API has for that; `as_object` makes a DICOM object of it.
    """

    voxels: Voxels
    values: NDArray[np.float32]
    where: Mapping[str, Any]
    as_object: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an image is to be given."""

    format: Format
    window: Window | None
    quality: int
    type: NumberType

    @property
    def permission(self) -> Permission:
        """A DICOM object is a file to take away; the others are to be looked at."""
        return Permission.DOWNLOAD if self.format is Format.DICOM else Permission.VIEW

    @property
    def is_picture(self) -> bool:
        return self.format in (Format.PNG, Format.JPEG)


def wanted(request: Request, asked: Mapping[str, Any]) -> Wanted:
    """What the parameters ask for, else what Accept does. Raises NotAcceptable."""
    return Wanted(
        Format(asked["format"]) if "format" in asked else _accepted(request),
        asked.get("window"),
        asked.get("quality", drawing.QUALITY),
        NumberType(asked.get("type", NumberType.FLOAT32)),
    )


def given(request: Request, volume: Volume, how: Wanted, draw: Callable[[], Sampled]) -> HttpResponseBase:
    """The image as an answer; it isn't drawn where the client has it already."""
    tag = _tag(request, volume, how)
    if is_current(request._request, tag):  # noqa: SLF001 - what it wraps
        return not_modified(tag)
    image = draw()
    content, told = _encoded(volume, how, image)
    rows, columns = image.values.shape
    facts = {"rows": rows, "columns": columns, **image.where, **told, "unit": image.voxels.unit, **_flagged(volume)}
    fields = {FIELD: orjson.dumps(facts).decode(), **NOSNIFF}
    response = HttpResponse(content, content_type=MEDIA_TYPES[how.format], headers=fields)
    patch_vary_headers(response, ["Accept"])
    return tagged(response, tag)


@contextmanager
def refused_in_words() -> Iterator[None]:
    """What geometry refuses with a sentence for people is a request that is not valid; other errors are ours."""
    try:
        yield
    except ValueError as error:
        if error.args and isinstance(error.args[0], Sentence):
            raise Invalid(error.args[0]) from error
        raise


def _accepted(request: Request) -> Format:
    """Pages ask for images with lists that say little, and a bare `*/*` is PNG's."""
    offers = {media_type: each for each, media_type in MEDIA_TYPES.items()}
    chosen = choose(media_ranges(request.META.get("HTTP_ACCEPT", "")), map(Offer, offers))
    if chosen is None:
        raise NotAcceptable(say("Images are given as {types}.", types=", ".join(offers)))
    return offers[chosen.type]


def _tag(request: Request, volume: Volume, how: Wanted) -> str:
    """Of all that the image follows from: the objects, what is known of them, the question, and this software."""
    parts = (VERSION, volume.key, volume.inputs, orjson.dumps([volume.flags, volume.lattice, volume.scale]).decode())
    leaves = bytes(volume.series.study.correction).hex() if how.format is Format.DICOM else ""
    asked = (leaves, request.path, request.META.get("QUERY_STRING", ""), how.format.value)
    return f'"{hashlib.blake2b(repr((parts, asked)).encode(), digest_size=16).hexdigest()}"'


def _encoded(volume: Volume, how: Wanted, image: Sampled) -> tuple[bytes, dict[str, Any]]:
    """The image's bytes, and what is to be told of them."""
    if how.format is Format.DICOM:
        return image.as_object(), {}
    window = how.window or window_of(volume)
    is_inverted = look_at(volume).is_inverted
    told: dict[str, Any] = {"window": [window.center, window.width], "isInverted": is_inverted}
    if how.format is Format.RAW:
        kept = drawing.numbers(image.values, image.voxels, how.type)
        return kept.data, {**told, "type": kept.type.value, "slope": kept.slope, "intercept": kept.intercept}
    display = drawing.in_window(image.values, window, is_inverted=is_inverted)
    return drawing.png(display) if how.format is Format.PNG else drawing.jpeg(display, how.quality), told


def _flagged(volume: Volume) -> dict[str, Any]:
    return {"flags": volume.flags, "isQuantifiable": volume.is_quantifiable}
