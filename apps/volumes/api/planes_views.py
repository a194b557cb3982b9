"""Planes and slabs of a volume as images on demand."""

from collections.abc import Mapping
from typing import Any, Final

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.core.errors import Invalid, NotFound
from apps.core.filters import filters
from apps.core.negotiation import Anything
from apps.saying import say
from apps.volumes.api import images, pixels
from apps.volumes.api.images import IMAGE, TOLD, Sampled, Wanted, refused_in_words
from apps.volumes.api.parameters import MOST_PIXELS, ObliqueParameters, PlaneParameters
from apps.volumes.api.reaching import volume_of
from apps.volumes.cache import opened
from apps.volumes.derived.single import plane_file
from apps.volumes.geometry.voxels import Voxels
from apps.volumes.models import Volume
from apps.volumes.resampling.planes import Orientation, Plane, Projection, Slab
from apps.volumes.resampling.reformatting import reformat
from apps.volumes.resampling.standard import oblique, planes_of

ORIENTATION: Final = OpenApiParameter(
    "orientation", OpenApiTypes.STR, OpenApiParameter.PATH, enum=[each.value for each in Orientation]
)


class PlaneView(APIView):
    guards: Guards = {"GET": Permission.VIEW}
    content_negotiation_class = Anything

    @extend_schema(
        summary="A plane of a volume along the patient's axes, or a slab about it",
        parameters=[ORIENTATION, PlaneParameters, TOLD], responses=IMAGE,
        description="As PNG, JPEG, numbers (`raw`) or a DICOM object. `Fovea-Image` tells where it lies, as JSON.",
    )  # fmt: skip
    def get(self, request: Request, pk: int, orientation: str) -> HttpResponseBase:
        if orientation not in list(Orientation):
            raise NotFound(say("Planes are axial, coronal, sagittal or oblique."))
        asked = filters(request, PlaneParameters)
        how = images.wanted(request, asked)
        volume = volume_of(request, pk, "a plane", how.permission)

        def draw() -> Sampled:
            voxels = opened(volume)
            plane, where = _standard(voxels, Orientation(orientation), asked, how)
            return sampled(volume, voxels, plane, slab_of(asked), where)

        return images.given(request, volume, how, draw)


class ObliqueView(APIView):
    guards: Guards = {"GET": Permission.VIEW}
    content_negotiation_class = Anything

    @extend_schema(
        summary="A plane of a volume wherever it lies, or a slab about it", parameters=[ObliqueParameters, TOLD],
        responses=IMAGE,
        description="As PNG, JPEG, numbers (`raw`) or a DICOM object. `Fovea-Image` tells where it lies, as JSON.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        asked = filters(request, ObliqueParameters)
        how = images.wanted(request, asked)
        volume = volume_of(request, pk, "a plane", how.permission)

        def draw() -> Sampled:
            voxels = opened(volume)
            return sampled(volume, voxels, _oblique(voxels, asked), slab_of(asked), {"orientation": "oblique"})

        return images.given(request, volume, how, draw)


def slab_of(asked: Mapping[str, Any]) -> Slab | None:
    """The slab that is asked for; None for the plane alone."""
    if not asked.get("slab"):
        return None
    return Slab(asked["slab"], Projection(asked.get("projection", Projection.MAXIMUM)))


def sampled(volume: Volume, voxels: Voxels, plane: Plane, slab: Slab | None, where: Mapping[str, Any]) -> Sampled:
    """The image in a plane. Raises Invalid for more pixels or samples than one image may take."""
    if plane.rows * plane.columns > MOST_PIXELS:
        raise Invalid(say("An image has at most {most} pixels: give a coarser spacing.", most=MOST_PIXELS))
    with refused_in_words():
        values = reformat(voxels, plane, slab)
    told = {
        **where,
        **place_of(plane),
        "slab": slab.thickness if slab else 0,
        "projection": slab and slab.projection.value,
    }
    return Sampled(voxels, values, told, lambda: plane_file(volume, voxels, values, plane, slab))


def place_of(plane: Plane) -> dict[str, Any]:
    """Where an image lies, by the names that the REST API has for it."""
    return {
        "origin": plane.origin,
        "across": plane.across,
        "down": plane.down,
        "rowSpacing": plane.row_spacing,
        "columnSpacing": plane.column_spacing,
    }


def _standard(
    voxels: Voxels, orientation: Orientation, asked: Mapping[str, Any], how: Wanted
) -> tuple[Plane, dict[str, Any]]:
    planes = planes_of(voxels.lattice, orientation)
    index = asked.get("index", planes.count // 2)
    if index >= planes.count:
        raise Invalid(errors=[("index", say("It goes from 0 to {last}.", last=planes.count - 1))])
    plane = planes.plane(index)
    spacing = asked.get("spacing") or (pixels.square_spacing(plane) if how.is_picture else None)
    if spacing is not None:
        plane = planes_of(voxels.lattice, orientation, spacing=spacing).plane(index)
    return plane, {"orientation": orientation.value, "index": index, "count": planes.count}


def _oblique(voxels: Voxels, asked: Mapping[str, Any]) -> Plane:
    with refused_in_words():
        return oblique(
            asked["centre"], asked["across"], asked["down"],
            spacing=asked.get("spacing", pixels.finest(voxels.lattice)),
            rows=asked["rows"], columns=asked["columns"],
        )  # fmt: skip
