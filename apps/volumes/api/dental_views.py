"""Arch, panoramic and cross-sections of a jaw on demand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from numpy.typing import NDArray
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.guards import Guards
from apps.accounts.permissions import Permission
from apps.core.errors import Invalid
from apps.core.filters import filters
from apps.core.negotiation import Anything
from apps.saying import say
from apps.volumes.api import images, pixels
from apps.volumes.api.images import IMAGE, TOLD, Sampled, refused_in_words
from apps.volumes.api.parameters import (
    CrossSectionParameters,
    CrossSectionsParameters,
    NoParameters,
    PanoramicParameters,
)
from apps.volumes.api.planes_views import place_of, sampled, slab_of
from apps.volumes.api.reaching import volume_of
from apps.volumes.api.serializers import ArchSerializer, CrossSectionsSerializer
from apps.volumes.arches import proposal_of, reach_of
from apps.volumes.cache import opened
from apps.volumes.curves.arch import FINEST_SPACING, Arch, Curve, curve
from apps.volumes.curves.crossing import CrossSections, cross_section_at, cross_sections, places_of
from apps.volumes.curves.panoramic import Panorama, panoramic
from apps.volumes.derived.objects import Calibration
from apps.volumes.derived.single import panoramic_file
from apps.volumes.geometry.lattice import Lattice
from apps.volumes.lattices import lattice_of
from apps.volumes.models import Volume
from apps.volumes.resampling.planes import Projection, Slab

# Millimetres.
THICKNESS: Final = 20.0
INTERVAL: Final = 2.0
WIDTH: Final = 30.0


class ArchView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(summary="The dental arch that is proposed for a volume", responses=ArchSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Found in the images where they show a jaw; look at it before you go by it."""
        filters(request, NoParameters)
        volume = volume_of(request, pk, "an arch")
        proposal = proposal_of(volume)
        length = curve(proposal.arch, max(pixels.finest(lattice_of(volume)), FINEST_SPACING)).length
        told = {"points": proposal.arch.points, "z": proposal.arch.z, "is_proposed": proposal.is_seen, "length": length}
        return Response(ArchSerializer({**told, "top": proposal.top, "bottom": proposal.bottom}).data)


class PanoramicView(APIView):
    guards: Guards = {"GET": Permission.VIEW}
    content_negotiation_class = Anything

    @extend_schema(
        summary="The panoramic along a dental arch", parameters=[PanoramicParameters, TOLD], responses=IMAGE,
        description="Its first column is the patient's right, its first row the top. Lengths along the arch are true "
        "on the arch alone. `Fovea-Image` tells of it, as JSON.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        asked = filters(request, PanoramicParameters)
        how = images.wanted(request, asked)
        volume = volume_of(request, pk, "a panoramic", how.permission)
        return images.given(request, volume, how, lambda: _panoramic(volume, asked))


class CrossSectionsView(APIView):
    guards: Guards = {"GET": Permission.VIEW}

    @extend_schema(
        summary="Where cross-sections of a dental arch lie", parameters=[CrossSectionsParameters],
        responses=CrossSectionsSerializer,
        description="Perpendicular to the arch, from the tongue (left) to the cheek (right), the head up.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        asked = filters(request, CrossSectionsParameters)
        volume = volume_of(request, pk, "cross-sections")
        return Response(_sections(volume, asked))


class CrossSectionView(APIView):
    guards: Guards = {"GET": Permission.VIEW}
    content_negotiation_class = Anything

    @extend_schema(
        summary="A cross-section of a dental arch", parameters=[CrossSectionParameters, TOLD], responses=IMAGE,
        description="Perpendicular to the arch `at` a place, from the tongue (left) to the cheek (right), the head up. "
        "`Fovea-Image` tells where it lies, as JSON.",
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        asked = filters(request, CrossSectionParameters)
        how = images.wanted(request, asked)
        volume = volume_of(request, pk, "a cross-section", how.permission)

        def draw() -> Sampled:
            voxels = opened(volume)
            drawn = Drawn.of(volume, voxels.lattice, asked)
            at = asked.get("at", drawn.curve.length / 2)
            with refused_in_words():
                plane = cross_section_at(drawn.curve, at, drawn.sections(asked))
            told = {"at": at, "length": drawn.curve.length}
            return sampled(volume, voxels, plane, slab_of(asked), told)

        return images.given(request, volume, how, draw)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The arch that is asked about, the curve through it, and from which z (`top`) down to which it is shown."""

    arch: Arch
    curve: Curve
    top: float
    bottom: float
    spacing: float

    @classmethod
    def of(cls, volume: Volume, lattice: Lattice, asked: Mapping[str, Any]) -> Self:
        """What is asked for, else what is proposed. Raises Invalid for what is no arch."""
        spacing = asked.get("spacing") or max(pixels.finest(lattice), FINEST_SPACING)
        arch, top, bottom = _chosen(volume, lattice, asked)
        if top <= bottom:
            raise Invalid(errors=[("top", say("The top is above the bottom: its z is greater."))])
        with refused_in_words():
            return cls(arch, curve(arch, spacing), top, bottom, spacing)

    def sections(self, asked: Mapping[str, Any]) -> CrossSections:
        """Cross-sections of it, as they are asked for."""
        interval, width = asked.get("interval", INTERVAL), asked.get("width", WIDTH)
        return CrossSections(interval, width, self.top, self.bottom, self.spacing)


def _chosen(volume: Volume, lattice: Lattice, asked: Mapping[str, Any]) -> tuple[Arch, float, float]:
    """The arch, and its top and bottom. It is looked for in the volume only where none is given."""
    if "arch" in asked:
        middle = float(lattice.corners[:, 2].mean())
        arch = Arch(asked["arch"], asked.get("z", middle))
        top, bottom = reach_of(lattice, arch.z)
    else:
        proposal = proposal_of(volume)
        arch, top, bottom = proposal.arch, proposal.top, proposal.bottom
    return arch, asked.get("top", top), asked.get("bottom", bottom)


def _panoramic(volume: Volume, asked: Mapping[str, Any]) -> Sampled:
    voxels = opened(volume)
    drawn = Drawn.of(volume, voxels.lattice, asked)
    thickness = asked.get("thickness", THICKNESS)
    projection = Projection(asked.get("projection", Projection.MEAN))
    with refused_in_words():
        values = panoramic(voxels, drawn.arch, Panorama(drawn.top, drawn.bottom, drawn.spacing, thickness, projection))
    slab = Slab(thickness, projection) if thickness else None
    told = {
        "top": drawn.top,
        "bottom": drawn.bottom,
        "length": drawn.curve.length,
        "rowSpacing": drawn.spacing,
        "columnSpacing": drawn.spacing,
        "thickness": thickness,
        "projection": slab and projection.value,
    }
    calibration, ends = Calibration(drawn.spacing, drawn.spacing), _ends(drawn, thickness)
    return Sampled(voxels, values, told, lambda: panoramic_file(volume, voxels, values, calibration, slab, ends))


def _ends(drawn: Drawn, thickness: float) -> NDArray[np.float64]:
    """The outermost points (n, 3) of what a panoramic shows."""
    line = drawn.curve
    sides = np.concatenate([line.points + side * thickness / 2 * line.normals for side in (-1, 1)])
    heights = [np.column_stack([sides, np.full(len(sides), height)]) for height in (drawn.top, drawn.bottom)]
    return np.concatenate(heights)


def _sections(volume: Volume, asked: Mapping[str, Any]) -> dict[str, Any]:
    """As CrossSectionsSerializer has it, which would take ten times as long, for each move of a point."""
    drawn = Drawn.of(volume, lattice_of(volume), asked)
    wanted = drawn.sections(asked)
    with refused_in_words():
        places, planes = places_of(drawn.curve, wanted), cross_sections(drawn.curve, wanted)
    found = [
        {"at": at, **place_of(plane), "rows": plane.rows, "columns": plane.columns}
        for at, plane in zip(places, planes, strict=True)
    ]
    return {"length": drawn.curve.length, "results": found}
